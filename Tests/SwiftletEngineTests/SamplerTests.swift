import Foundation
import SwiftletEngine
import SwiftletGround
import Testing

extension Sampler {
    mutating func sample(_ logits: [Float], allowed mask: TokenMask? = nil) throws(EngineError) -> Int32 {
        var logits = logits
        // A typed error does not pass through the closure.
        let result = logits.withUnsafeMutableBufferPointer { buffer in
            Result { () throws(EngineError) in try sample(buffer, allowed: mask) }
        }
        return try result.get()
    }

    mutating func kept(_ logits: [Float], allowed mask: TokenMask? = nil) throws -> [Int32] {
        var logits = logits
        return try logits.withUnsafeMutableBufferPointer { try distribution($0, allowed: mask) }.map(\.token).sorted()
    }
}

extension SamplingParameters {
    /// No sampler has an effect.
    static var neutral: Self {
        var parameters = Self()
        parameters.temperature = 1
        parameters.topK = 0
        parameters.topP = 1
        parameters.minP = 0
        parameters.seed = 1
        return parameters
    }

    static func neutral(_ change: (inout Self) -> Void) -> Self {
        var parameters = neutral
        change(&parameters)
        return parameters
    }
}

struct SamplerTests {
    @Test func temperatureZeroTakesTheFirstGreatest() throws {
        for size in [1, 2, 7, 8, 9, 63, 64, 65, 1000] {
            for best in Set([0, size / 3, size / 2, size - 1]) {
                var logits = [Float](repeating: -1, count: size)
                logits[best] = 2
                logits[size - 1] = 2
                var sampler = try Sampler(.greedy)
                #expect(try sampler.sample(logits) == Int32(best))
                logits = logits.map { -$0 - 3 }
                logits[best] = -0.5
                #expect(try sampler.sample(logits) == Int32(best))
            }
        }
    }

    @Test func greedyIsTheGreatestThatIsLeftWhateverTheChain() throws {
        var parameters = SamplingParameters.greedy
        parameters.repeatPenalty = 2
        var sampler = try Sampler(parameters)
        sampler.accept(2)
        #expect(try sampler.sample([1, 2, 3, 0]) == 1)
        parameters.logitBias = [1: -.infinity]
        sampler = try Sampler(parameters)
        sampler.accept(2)
        #expect(try sampler.sample([1, 2, 3, 0]) == 2)
        // Typical sampling may drop the greatest, and then zero temperature takes the greatest of the rest.
        parameters = .neutral { $0.typicalP = 0.2 }
        parameters.temperature = 0
        sampler = try Sampler(parameters)
        let skewed = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1.2 as Float]
        #expect(try sampler.sample(skewed) == 0)
    }

    @Test func nothingPossibleIsAnError() throws {
        let hopeless: [[Float]] = [[], [-.infinity], [.nan, .nan], [Float](repeating: -.infinity, count: 100)]
        var all = [SamplingParameters(), .greedy, .neutral]
        for version in [SamplingParameters.Mirostat.version1, .version2] {
            all.append(.neutral { $0.mirostat = version })
        }
        all.append(
            .neutral {
                $0.typicalP = 0.5
                $0.topP = 0.5
                $0.topNSigma = 1
                $0.xtcProbability = 1
                $0.dynamicTemperatureRange = 0.1
                $0.order = [.typicalP, .topNSigma, .topP, .xtc, .temperature]
            })
        for parameters in all {
            for logits in hopeless {
                var sampler = try Sampler(parameters)
                let error = #expect(throws: EngineError.self) { try sampler.sample(logits) }
                #expect(error?.code == .noCandidate)
            }
            var sampler = try Sampler(parameters)
            #expect(throws: EngineError.self) { try sampler.sample([1, 2], allowed: TokenMask(vocabularySize: 2)) }
        }
    }

    /// Any bit pattern may come out of a damaged model.
    @Test func strangeLogitsNeverTrapAndNeverAreChosen() throws {
        var random = RandomSource(seed: 5)
        let strange: [Float] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, -0.0,
            .leastNonzeroMagnitude,
        ]
        for _ in 0..<2000 {
            let logits = (0..<Int.random(in: 1...90, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? strange.randomElement(using: &random)!
                    : Float(bitPattern: .random(in: 0...(.max), using: &random))
            }
            var parameters = SamplingParameters.random(&random)
            parameters.seed = 3
            var sampler = try Sampler(parameters)
            for _ in 0..<3 {
                let token = try? sampler.sample(logits)
                if let token {
                    let logit = logits[Int(token)]
                    #expect(!logit.isNaN && logit > -.infinity, "\(parameters)")
                    sampler.accept(token)
                } else {
                    #expect(logits.allSatisfy { !($0 > -.infinity) }, "\(parameters) \(logits)")
                }
            }
        }
    }

    @Test func aMaskAllowsOnlyItsTokens() throws {
        for size in [1, 5, 64, 65, 130, 1000] {
            var mask = TokenMask(vocabularySize: size)
            var allowed: [Int32] = []
            for token in stride(from: 0, to: Int32(size), by: 3) {
                mask[token] = true
                allowed.append(token)
            }
            #expect(mask[Int32(size)] == false && mask[-1] == false)
            let logits = (0..<size).map { Float($0 % 7) }
            var sampler = try Sampler(.neutral)
            #expect(try sampler.kept(logits, allowed: mask) == allowed)
            sampler = try Sampler(.greedy)
            #expect(allowed.contains(try sampler.sample(logits, allowed: mask)))
        }
        // What a short mask does not name is forbidden.
        var short = TokenMask(vocabularySize: 1)
        short[0] = true
        var sampler = try Sampler(.neutral)
        #expect(try sampler.kept([Float](repeating: 1, count: 100), allowed: short) == [0])
    }

    @Test func sameSeedSameTokens() throws {
        let logits = (0..<5000).map { Float(($0 * 7919) % 1000) / 150 }
        func tokens(_ parameters: SamplingParameters) throws -> [Int32] {
            var sampler = try Sampler(parameters)
            return try (0..<50).map { _ in
                let token = try sampler.sample(logits)
                sampler.accept(token)
                return token
            }
        }
        var parameters = SamplingParameters()
        parameters.seed = 42
        #expect(try tokens(parameters) == tokens(parameters))
        var other = parameters
        other.seed = 43
        #expect(try tokens(parameters) != tokens(other))
        // Nil takes a random seed, which the sampler tells.
        let random = try Sampler(SamplingParameters())
        #expect(try random.seed != Sampler(SamplingParameters()).seed)
        // These must never change: texts that people keep depend on them.
        let first = Array(try tokens(parameters).prefix(8))
        #expect(first == [3321, 4963, 926, 568, 2568, 4926, 2926, 2247])
    }

    @Test func resetAndCopiesRepeat() throws {
        let logits = (0..<300).map { Float($0 % 17) / 4 }
        var sampler = try Sampler(
            .neutral {
                $0.frequencyPenalty = 0.5
                $0.dryMultiplier = 1
            })
        func run(_ sampler: inout Sampler) throws -> [Int32] {
            try (0..<30).map { _ in
                let token = try sampler.sample(logits)
                sampler.accept(token)
                return token
            }
        }
        let first = try run(&sampler)
        var copy = sampler
        let second = try run(&sampler)
        #expect(try run(&copy) == second)
        sampler.reset()
        #expect(try run(&sampler) == first)
    }

    @Test func reportsTheModelsOwnProbabilities() throws {
        let logits: [Float] = [0, 1, 2, 3, -.infinity, .nan]
        var parameters = SamplingParameters.greedy
        parameters.logitBias = [0: 100]
        var sampler = try Sampler(parameters)
        var scratch = logits
        let choice = try scratch.withUnsafeMutableBufferPointer { try sampler.sample($0, reportingTop: 2) }
        let logOfMass = log(exp(0.0) + exp(1.0) + exp(2.0) + exp(3.0))
        #expect(choice.token == 0)
        #expect(abs(choice.logProbability - (0 - logOfMass)) < 1e-6)
        #expect(choice.top.map(\.token) == [3, 2])
        #expect(abs(choice.top[1].logProbability - (2 - logOfMass)) < 1e-6)
        // Impossible tokens are not among the top.
        scratch = logits
        let all = try scratch.withUnsafeMutableBufferPointer { try sampler.sample($0, reportingTop: 100) }
        #expect(all.top.map(\.token) == [3, 2, 1, 0])
    }
}
