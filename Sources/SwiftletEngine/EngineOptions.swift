import Foundation
public import SwiftletTensors

/// How an engine runs its model.
public struct EngineOptions: Sendable, Hashable {
    /// Threads that work on a step. By default one for each core that this process may use; where cores run two threads at
    /// once, an engine measures at its start which number is faster.
    public var threads: Int { didSet { (threadChoices, isThreadCountGiven) = ([threads], true) } }
    public var arithmetic: Arithmetic
    /// Most prompt tokens of one step. Larger steps reuse each weight more often and take more memory.
    public var batchSize: Int
    /// Most requests that take part in a step; others wait.
    public var maxSequences = 16
    /// Most requests that wait; further ones are refused with `EngineError.Code.overloaded`.
    public var maxWaiting = 1024
    /// How keys and values of requests are kept.
    public var cacheType = CacheType.f16
    /// Most bytes for the keys and values of requests; nil for a few contexts' worth, bounded by a share of the free memory.
    /// Memory is used as tokens come, not at once.
    public var cacheMemory: Int?
    /// Where computed prefixes of prompts outlive the process; nil for nowhere.
    public var prefixStore: PrefixStoreOptions?
    /// Numbers of threads that are worth measuring, the likeliest first.
    private(set) var threadChoices: [Int]
    /// Whether somebody said how many threads there are to be.
    package private(set) var isThreadCountGiven: Bool

    public init(threads: Int? = nil, arithmetic: Arithmetic = .fast, batchSize: Int = 256) {
        let processors = Processors.current
        let choices = threads.map { [max(1, $0)] } ?? Self.choices(cores: processors.cores, usable: processors.usable)
        (self.threads, threadChoices, isThreadCountGiven) = (choices[0], choices, threads != nil)
        self.arithmetic = arithmetic
        self.batchSize = max(1, batchSize)
    }

    /// As many threads as that, or as many as there would be if nobody had said anything.
    package mutating func setThreads(_ count: Int?) {
        let fresh = EngineOptions(threads: count)
        threads = fresh.threads
        (threadChoices, isThreadCountGiven) = (fresh.threadChoices, fresh.isThreadCountGiven)
    }

    static func choices(cores: Int, usable: Int) -> [Int] { cores < usable ? [cores, usable] : [cores] }
}
