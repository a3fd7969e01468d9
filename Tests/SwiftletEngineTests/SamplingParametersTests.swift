import Foundation
import SwiftletEngine
import SwiftletGround
import Testing

struct SamplingParametersTests {
    @Test func defaultsAreTheReferences() throws {
        let p = SamplingParameters()
        #expect(p.temperature == 0.8 && p.topK == 40 && p.topP == 0.95 && p.minP == 0.05 && p.typicalP == 1)
        #expect(p.repeatPenalty == 1 && p.repeatLastN == 64 && p.frequencyPenalty == 0 && p.presencePenalty == 0)
        #expect(p.dryMultiplier == 0 && p.dryBase == 1.75 && p.dryAllowedLength == 2)
        #expect(p.drySequenceBreakers == ["\n", ":", "\"", "*"])
        #expect(p.xtcProbability == 0 && p.xtcThreshold == 0.1)
        #expect(p.mirostat == .off && p.mirostatTau == 5 && p.mirostatEta == 0.1)
        #expect(
            p.order.map(\.rawValue).joined(separator: ";")
                == "penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature")
        try p.validate()
        try SamplingParameters.greedy.validate()
    }

    @Test func everyFloatRefusesWhatIsNotANumber() {
        let fields: [(String, WritableKeyPath<SamplingParameters, Float>)] = [
            ("temperature", \.temperature), ("dynamicTemperatureRange", \.dynamicTemperatureRange),
            ("dynamicTemperatureExponent", \.dynamicTemperatureExponent), ("topP", \.topP), ("minP", \.minP),
            ("typicalP", \.typicalP), ("topNSigma", \.topNSigma), ("repeatPenalty", \.repeatPenalty),
            ("frequencyPenalty", \.frequencyPenalty), ("presencePenalty", \.presencePenalty),
            ("dryMultiplier", \.dryMultiplier), ("dryBase", \.dryBase), ("xtcProbability", \.xtcProbability),
            ("xtcThreshold", \.xtcThreshold), ("mirostatTau", \.mirostatTau), ("mirostatEta", \.mirostatEta),
        ]
        for (name, field) in fields {
            for bad in [Float.nan, .infinity, -.infinity, -.greatestFiniteMagnitude] {
                var p = SamplingParameters()
                p[keyPath: field] = bad
                let error = #expect(throws: EngineError.self, "\(name) \(bad)") { try p.validate() }
                #expect(error?.code == .invalidParameter && error?.place == name)
                #expect(throws: EngineError.self) { try Sampler(p) }
            }
        }
    }

    @Test func rangesAreChecked() {
        let wrong: [(String, (inout SamplingParameters) -> Void)] = [
            ("topP", { $0.topP = 1.01 }), ("minP", { $0.minP = -0.01 }), ("typicalP", { $0.typicalP = 2 }),
            ("repeatPenalty", { $0.repeatPenalty = 0 }), ("repeatLastN", { $0.repeatLastN = -1 }),
            ("repeatLastN", { $0.repeatLastN = .max }), ("dryAllowedLength", { $0.dryAllowedLength = -1 }),
            ("dryPenaltyLastN", { $0.dryPenaltyLastN = 1 << 40 }), ("minimumKeep", { $0.minimumKeep = -1 }),
            ("xtcProbability", { $0.xtcProbability = 1.5 }),
            ("logitBias[3]", { $0.logitBias = [3: .nan] }), ("logitBias[3]", { $0.logitBias = [3: .infinity] }),
            ("logitBias token", { $0.logitBias = [-1: 1] }),
            ("drySequenceBreakers.count", { $0.drySequenceBreakers = Array(repeating: "x", count: 65) }),
            ("order.count", { $0.order = Array(repeating: .topK, count: 33) }),
        ]
        for (place, change) in wrong {
            var p = SamplingParameters()
            change(&p)
            let error = #expect(throws: EngineError.self, "\(place)") { try p.validate() }
            #expect(error?.place == place)
        }
        let right: [(inout SamplingParameters) -> Void] = [
            { $0.temperature = -1 }, { $0.topK = -1 }, { $0.topK = .max }, { $0.topK = .min }, { $0.topP = 0 },
            { $0.logitBias = [3: -.infinity] }, { $0.order = [] }, { $0.seed = .max },
        ]
        for change in right {
            var p = SamplingParameters()
            change(&p)
            #expect(throws: Never.self) { try p.validate() }
        }
    }

    @Test func jsonKeepsEveryField() throws {
        var random = RandomSource(seed: 3)
        for _ in 0..<200 {
            var p = SamplingParameters.random(&random)
            p.logitBias = [3: -1.5, 70_000: 2]
            p.mirostat = .version2
            p.mirostatTau = 3
            p.seed = random.next()
            p.drySequenceBreakers = ["e\u{301}"]
            #expect(try JSONDecoder().decode(SamplingParameters.self, from: JSONEncoder().encode(p)) == p)
        }
        let few = Data(#"{"temperature": 0.5, "logitBias": {"7": -100}, "order": ["top_k"]}"#.utf8)
        let p = try JSONDecoder().decode(SamplingParameters.self, from: few)
        #expect(p.temperature == 0.5 && p.logitBias == [7: -100] && p.order == [.topK] && p.topP == 0.95)
        for bad in [#"{"logitBias": {"99999999999": 1}}"#, #"{"order": ["nothing"]}"#, #"{"mirostat": 3}"#] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(SamplingParameters.self, from: Data(bad.utf8))
            }
        }
    }

    @Test func breakersAreFoundInAVocabulary() {
        let vocabulary = ["a", ":", "b:", ":c", "x\n", "\n", "-", "--", "a-", "->", "-a"].map { Array($0.utf8) }
        func make(_ texts: [String]) -> DryBreakers {
            DryBreakers(texts, vocabularySize: vocabulary.count, bytes: { vocabulary[Int($0)] }) { rest in
                rest.map { byte in Int32(vocabulary.firstIndex(of: [byte]) ?? 0) }
            }
        }
        // Every token that holds the text breaks by itself.
        #expect(make([":", "\n", ""]) == DryBreakers(sequences: [[1], [2], [3], [4], [5]]))
        // A text over two tokens: heads that end in its beginning, and the tokens of its rest; not where it is whole.
        #expect(make(["--"]) == DryBreakers(sequences: [[6, 6], [7], [8, 6]]))
    }

    @Test func aBreakerEndsARepetition() throws {
        let text: [Int32] = [1, 2, 3, 9, 1, 2, 3]
        func penalized(_ breakers: DryBreakers) throws -> Bool {
            var sampler = try Sampler(.neutral { $0.dryMultiplier = 5 }, dryBreakers: breakers)
            for token in text { sampler.accept(token) }
            var logits = [Float](repeating: 0, count: 10)
            let found = try logits.withUnsafeMutableBufferPointer { try sampler.distribution($0) }
            return found[9].logProbability < found[8].logProbability
        }
        #expect(try penalized(DryBreakers()))
        #expect(try penalized(DryBreakers(sequences: [[7]])))
        // The newest 3 breaks: nothing of the text after it repeats.
        #expect(try !penalized(DryBreakers(sequences: [[3]])))
        #expect(try !penalized(DryBreakers(sequences: [[2, 3]])))
        // 9 itself is never penalized where it is a breaker.
        #expect(try !penalized(DryBreakers(sequences: [[9]])))
    }
}
