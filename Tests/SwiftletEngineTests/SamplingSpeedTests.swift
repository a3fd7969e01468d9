import Foundation
import SwiftletEngine
import Testing

/// Microseconds per token at a vocabulary of 151,936, on logits as models' look: a bell, and a few tokens that stand out.
@Suite(.serialized)
struct SamplingSpeedTests {
    private static var isOptimized: Bool {
        var optimized = true
        assert(
            {
                optimized = false
                return true
            }())
        return optimized
    }

    static let chains: [(String, SamplingParameters)] = [
        ("greedy", .greedy),
        ("default chain", SamplingParameters()),
        ("default chain, all penalties", penalized),
        ("top-p 0.95 alone", .neutral { $0.topP = 0.95 }),
        ("min-p 0.05 alone", .neutral { $0.minP = 0.05 }),
        ("typical 0.9 alone", .neutral { $0.typicalP = 0.9 }),
        ("top-n-sigma 1 alone", .neutral { $0.topNSigma = 1 }),
        ("xtc alone", .neutral { $0.xtcProbability = 1 }),
        ("no truncation", .neutral),
        ("mirostat 1", .neutral { $0.mirostat = .version1 }),
        ("mirostat 2", .neutral { $0.mirostat = .version2 }),
    ]

    static var penalized: SamplingParameters {
        var parameters = SamplingParameters()
        parameters.repeatPenalty = 1.1
        parameters.frequencyPenalty = 0.1
        parameters.dryMultiplier = 0.8
        return parameters
    }

    /// Sorted times of some tokens.
    private func times(_ parameters: SamplingParameters, tokens: Int) throws -> [Double] {
        var random = RandomSource(seed: 1)
        var logits = (0..<151_936).map { _ in
            Float((-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())) * 2
        }
        for step in 0..<30 { logits[Int.random(in: logits.indices, using: &random)] = 14 - Float(step) / 3 }
        var sampler = try Sampler(parameters)
        var scratch = logits
        var times: [Double] = []
        for _ in 0..<tokens {
            scratch.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: logits) }
            let start = ContinuousClock.now
            let token = try scratch.withUnsafeMutableBufferPointer { try sampler.sample($0) }
            let duration = (ContinuousClock.now - start).components
            sampler.accept(token)
            times.append(Double(duration.attoseconds) / 1e12)
        }
        return times.sorted()
    }

    /// The limits hold with a factor of three and eight to spare, and the best of many runs is not disturbed by a busy machine.
    @Test(.enabled(if: isOptimized)) func limits() throws {
        #expect(try times(.greedy, tokens: 60)[0] < 60)
        #expect(try times(Self.penalized, tokens: 60)[0] < 300)
    }

    /// Prints; `SWIFTLET_MEASURE=1 swift test -c release --disable-testable-imports --filter SamplingSpeed`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["SWIFTLET_MEASURE"] != nil), arguments: chains.indices)
    func measure(_ index: Int) throws {
        let times = try times(Self.chains[index].1, tokens: 200)
        print("\(Self.chains[index].0): median \(Int(times[100])) us, 90% under \(Int(times[180])) us")
        #expect(times.count == 200)
    }
}
