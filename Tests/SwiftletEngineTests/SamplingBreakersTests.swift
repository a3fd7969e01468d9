import Foundation
import SwiftletEngine
import SwiftletModels
import SwiftletTokenizers
import Testing

/// DRY with breakers in a real vocabulary, against llama.cpp; Fixtures/sampling/make-breakers.py made the numbers.
struct SamplingBreakersTests {
    struct Case: Decodable {
        var breakers: [String]
        var accepted: [TokenID]
        var penalties: [[Double]]
    }

    @Test(.enabled(if: TestModel.smollm2 != nil)) func breakersActAsInTheReference() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/sampling/breakers.json")
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
        #expect(cases.count == 84)
        let tokenizer = try LanguageModel(contentsOf: try #require(TestModel.smollm2)).tokenizer
        let size = tokenizer.vocabulary.count
        let words = try (0..<TokenID(size)).map { Array(try tokenizer.bytes(of: $0, special: true)) }
        var made: [[String]: DryBreakers] = [:]
        for test in cases {
            let breakers =
                made[test.breakers]
                ?? DryBreakers(test.breakers, vocabularySize: size, bytes: { words[Int($0)] }) { rest in
                    tokenizer.encode(String(decoding: rest, as: UTF8.self))
                }
            made[test.breakers] = breakers
            var sampler = try Sampler(.neutral { $0.dryMultiplier = 1 }, dryBreakers: breakers)
            for token in test.accepted { sampler.accept(token) }
            var logits = [Float](repeating: 0, count: size)
            let found = try logits.withUnsafeMutableBufferPointer { try sampler.distribution($0) }
            // What is not penalized has a logit of 0, so its probability shows what a logit of 0 is.
            let unpenalized = found.map(\.logProbability).max() ?? 0
            let penalties = Dictionary(
                uniqueKeysWithValues: found.map { ($0.token, unpenalized - $0.logProbability) }.filter { $0.1 > 1e-6 })
            let expected = Dictionary(uniqueKeysWithValues: test.penalties.map { (TokenID($0[0]), $0[1]) })
            #expect(Set(penalties.keys) == Set(expected.keys), "\(test)")
            for (token, penalty) in penalties { #expect(abs(penalty - expected[token, default: 0]) < 1e-4 * penalty) }
        }
    }
}
