import Foundation
public import SwiftletTensors

/// How an engine runs its model.
public struct EngineOptions: Sendable, Hashable {
    /// Threads that work on a step; by default one for each core that this process may use.
    public var threads: Int
    public var arithmetic: Arithmetic
    /// Most prompt tokens of one step. Larger steps reuse each weight more often and take more memory.
    public var batchSize: Int

    public init(threads: Int? = nil, arithmetic: Arithmetic = .fast, batchSize: Int = 256) {
        self.threads = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
        self.arithmetic = arithmetic
        self.batchSize = max(1, batchSize)
    }
}
