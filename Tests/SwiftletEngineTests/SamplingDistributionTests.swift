import Foundation
import SwiftletEngine
import Testing

/// Draws against exact probabilities: chi-square with a fixed seed, at a limit that a right sampler passes with p > 0.0001.
struct SamplingDistributionTests {
    private static let logits: [Float] = [2, 1.5, 1, 0.5, 0, -0.5, -1, 1.2, -.infinity, 0.3, -2, 1.9]

    static let chains: [(String, SamplingParameters)] = [
        ("softmax", .neutral),
        ("temperature 0.7", .neutral { $0.temperature = 0.7 }),
        ("top-k 4", .neutral { $0.topK = 4 }),
        ("default", SamplingParameters()),
        ("typical 0.6", .neutral { $0.typicalP = 0.6 }),
        ("penalties", .neutral { $0.repeatPenalty = 1.5 }),
        ("dynamic temperature", .neutral { $0.dynamicTemperatureRange = 0.5 }),
    ]

    @Test(arguments: chains.indices) func drawsFollowTheProbabilities(_ index: Int) throws {
        var parameters = Self.chains[index].1
        parameters.seed = 20
        let text: [Int32] = [0, 0, 5]
        var sampler = try Sampler(parameters)
        for token in text { sampler.accept(token) }
        let plain = plainChain(Self.logits, parameters, text: text)
        let expected = Dictionary(uniqueKeysWithValues: zip(plain.map(\.token), plainSoftmax(plain)))
        let draws = 100_000
        var seen: [Int32: Int] = [:]
        for _ in 0..<draws { seen[try sampler.sample(Self.logits), default: 0] += 1 }
        #expect(Set(seen.keys).isSubset(of: expected.keys))
        let distance = expected.reduce(0) { sum, pair in
            let wanted = pair.value * Double(draws)
            let difference = Double(seen[pair.key] ?? 0) - wanted
            return sum + difference * difference / wanted
        }
        // The 0.9999 quantile of chi-square by Wilson and Hilferty's approximation; 3.719 is the normal quantile.
        let freedom = Double(expected.count - 1)
        let cube = 1 - 2 / (9 * freedom) + 3.719 * (2 / (9 * freedom)).squareRoot()
        let limit = freedom * cube * cube * cube
        #expect(distance < limit, "\(Self.chains[index].0)")
    }

    /// What is told after the chain is what it draws with.
    @Test(arguments: chains.indices) func chancesAreTheChains(_ index: Int) throws {
        var parameters = Self.chains[index].1
        parameters.seed = 3
        var sampler = try Sampler(parameters)
        var other = sampler
        var logits = Self.logits
        let expected = try logits.withUnsafeMutableBufferPointer { try other.distribution($0) }
        let chances = Dictionary(uniqueKeysWithValues: expected.map { ($0.token, $0.logProbability) })
        for _ in 0..<50 {
            var logits = Self.logits
            let choice = try logits.withUnsafeMutableBufferPointer {
                try sampler.sample($0, reportingTop: 100, afterChain: true)
            }
            #expect(abs(choice.logProbability - (chances[choice.token] ?? .infinity)) < 1e-5)
            #expect(choice.top.count == expected.count)
            for entry in choice.top { #expect(abs(entry.logProbability - (chances[entry.token] ?? .infinity)) < 1e-5) }
        }
    }

    @Test func xtcTakesItsChance() throws {
        // The greatest is excluded whenever XTC strikes, so it comes with (1 - chance) of its probability.
        let logits: [Float] = [2, 1.9, 0, 0]
        for chance in [0.25, 0.5, 1] as [Float] {
            var sampler = try Sampler(.neutral { $0.xtcProbability = chance })
            let draws = 40_000
            var first = 0
            for _ in 0..<draws where try sampler.sample(logits) == 0 { first += 1 }
            let weights = logits.map { exp(Double($0)) }
            let wanted = weights[0] / weights.reduce(0, +) * Double(1 - chance)
            // Five standard deviations.
            let tolerance = 5 * (wanted * (1 - wanted) / Double(draws)).squareRoot()
            #expect(abs(Double(first) / Double(draws) - wanted) <= tolerance)
        }
    }

    /// With many tokens of slowly falling probability, the surprise of the text settles at the target.
    @Test(arguments: [SamplingParameters.Mirostat.version1, .version2], [2.5, 4, 6] as [Float])
    func mirostatReachesItsTarget(_ version: SamplingParameters.Mirostat, _ tau: Float) throws {
        let logits = (0..<2000).map { -1.1 * log(Float($0 + 1)) }
        let weights = logits.map { exp(Double($0)) }
        let total = weights.reduce(0, +)
        var sampler = try Sampler(
            .neutral {
                $0.mirostat = version
                $0.mirostatTau = tau
            })
        var surprise = 0.0
        for step in 0..<6000 {
            let token = try sampler.sample(logits)
            if step >= 1000 { surprise -= log2(weights[Int(token)] / total) / 5000 }
        }
        // The learning sees the surprise among what it let through, which is less than the model's own.
        #expect(surprise > Double(tau) - 0.3 && surprise < Double(tau) + 1.5, "\(surprise)")
    }

    /// xoshiro256** and SplitMix64 against their authors' sequences.
    @Test func randomNumbersAreTheReferences() {
        var random = RandomSource(state: (1, 2, 3, 4))
        let expected: [UInt64] = [
            11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360, 607_988_272_756_665_600,
            16_172_922_978_634_559_625, 8_476_171_486_693_032_832, 10_595_114_339_597_558_777,
            2_904_607_092_377_533_576,
        ]
        #expect(expected.map { _ in random.next() } == expected)
        var seeds = SplitMix64(state: 1_234_567)
        let spread: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
        #expect(spread.map { _ in seeds.next() } == spread)
        var uniform = RandomSource(seed: 9)
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(uniform.uniform()) })
    }

    @Test func exponentialIsAccurate() {
        #expect(Exponential.scalar(0) == 1)
        #expect(Exponential.scalar(-.infinity) == 0)
        #expect(Exponential.scalar(-88) == 0)
        var worst = 0.0
        var x: Float = 0
        while x > -87.33 {
            let exact = exp(Double(x))
            worst = max(worst, abs(Double(Exponential.scalar(x)) - exact) / exact)
            x -= 0.000_37
        }
        #expect(worst < 2e-7)
        // Bits that must be the same on every machine.
        #expect(Exponential.scalar(-1).bitPattern == 1_052_531_378)
        #expect(Exponential.scalar(-10.125).bitPattern == 942_148_553)
    }
}
