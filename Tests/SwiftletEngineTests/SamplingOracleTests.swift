import Foundation
import SwiftletEngine
import Testing

/// What llama.cpp leaves of the same logits, sampler by sampler and in whole chains; Fixtures/sampling/make.py made it.
/// Not covered: DRY's breakers, which there need a vocabulary, and random draws, whose generator is another.
struct SamplingOracleTests {
    struct Fixture: Decodable {
        struct Case: Decodable {
            var parameters: SamplingParameters
            var logits: Int
            var accepted: [Int32]
            var expected: [[Double]]
        }
        var logits: [[Float]]
        var cases: [Case]
    }

    @Test func chainsLeaveWhatTheReferenceLeaves() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/sampling/llama.json")
        let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
        #expect(fixture.cases.count > 200)
        for (index, test) in fixture.cases.enumerated() {
            var sampler = try Sampler(test.parameters)
            for token in test.accepted { sampler.accept(token) }
            var logits = fixture.logits[test.logits]
            let found = try logits.withUnsafeMutableBufferPointer { logits in try sampler.distribution(logits) }
                .map { (token: $0.token, probability: exp($0.logProbability)) }
                // The fixture leaves out what underflows in Float.
                .filter { $0.probability > 0 }
                .sorted { ($1.probability, $0.token) < ($0.probability, $1.token) }
            let comment: Comment = "case \(index): \(test.parameters), accepted \(test.accepted)"
            let expected = Dictionary(test.expected.map { (Int32($0[0]), $0[1]) }) { first, _ in first }
            let off = found.filter { token, probability in
                let reference = expected[token] ?? .infinity
                return !(abs(probability - reference) <= 2e-6 + 2e-5 * reference)
            }
            let missing = Set(expected.keys).subtracting(found.map(\.token))
            #expect(off.isEmpty && missing.isEmpty, comment)
        }
    }
}
