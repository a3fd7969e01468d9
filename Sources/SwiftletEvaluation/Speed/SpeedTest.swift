public import SwiftletEngine

/// One measurement of speed, in llama-bench's terms: a prompt, a generation, or both in turn, after so many tokens.
public struct SpeedTest: Sendable, Hashable {
    /// Tokens of the prompt; 0 for a test of generation alone.
    public var prompt: Int
    /// Tokens to generate, in each sequence.
    public var generation: Int
    /// Tokens that the sequence holds before.
    public var depth = 0
    /// Sequences that generate together, one token of each a step.
    public var sequences = 1
    /// Most prompt tokens that are handed over at once, and most of one step: the smaller one counts.
    public var batch = 512
    public var microBatch = 512
    public var threads: Int
    /// How keys and values are kept.
    public var cacheType = CacheType.f16

    public init(prompt: Int, generation: Int, threads: Int) {
        (self.prompt, self.generation, self.threads) = (prompt, generation, threads)
    }

    /// Most tokens of one model step.
    public var step: Int { min(batch, microBatch) }

    /// Longest that a sequence becomes.
    public var contextLength: Int { depth + prompt + generation }

    /// Tokens that the measured time is for.
    public var tokens: Int { (prompt + generation) * sequences }

    /// As llama-bench writes it: `pp512`, `tg128 @ d4096`, `pp512+tg128`; several sequences as `tg128 x8`.
    public var name: String {
        var parts: [String] = []
        if prompt > 0 { parts.append("pp\(prompt)") }
        if generation > 0 { parts.append("tg\(generation)") }
        return parts.joined(separator: "+") + (sequences > 1 ? " x\(sequences)" : "")
            + (depth > 0 ? " @ d\(depth)" : "")
    }
}

/// Values of each option: every combination is a test.
public struct SpeedPlan: Sendable {
    public var prompts = [512]
    public var generations = [128]
    public var pairs: [(prompt: Int, generation: Int)] = []
    public var depths = [0]
    /// Only tests of generation alone take more than one.
    public var sequences = [1]
    public var batches = [512]
    public var microBatches = [512]
    public var threads: [Int]
    public var cacheTypes = [CacheType.f16]

    public init(threads: [Int]) { self.threads = threads }

    /// How many tests that makes, those of 0 tokens too.
    public var count: Int {
        let each = prompts.count + generations.count * sequences.count + pairs.count
        // Each list is short enough that no product overflows unless it is far too many.
        return [batches, microBatches, threads, depths].map(\.count).reduce(each * cacheTypes.count) {
            let (product, overflow) = $0.multipliedReportingOverflow(by: $1)
            return overflow ? .max : product
        }
    }

    /// The tests in llama-bench's order, for one model; prompts and generations of 0 tokens are none.
    public var tests: [SpeedTest] {
        var tests: [SpeedTest] = []
        for batch in batches {
            for microBatch in microBatches {
                for type in cacheTypes {
                    for threads in threads {
                        for depth in depths {
                            var base = SpeedTest(prompt: 0, generation: 0, threads: threads)
                            (base.batch, base.microBatch, base.cacheType, base.depth) = (batch, microBatch, type, depth)
                            tests += self.tests(like: base)
                        }
                    }
                }
            }
        }
        return tests
    }

    private func tests(like base: SpeedTest) -> [SpeedTest] {
        func test(_ prompt: Int, _ generation: Int, _ sequences: Int) -> SpeedTest {
            var test = base
            (test.prompt, test.generation, test.sequences) = (prompt, generation, sequences)
            return test
        }
        return prompts.filter { $0 > 0 }.map { test($0, 0, 1) }
            + generations.filter { $0 > 0 }.flatMap { count in sequences.map { test(0, count, $0) } }
            + pairs.filter { $0.prompt + $0.generation > 0 }.map { test($0.prompt, $0.generation, 1) }
    }
}
