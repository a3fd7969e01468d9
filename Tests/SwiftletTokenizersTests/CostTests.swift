import Foundation
import SwiftletTokenizers
import Testing

/// The cost of hostile text: twice the length may take little more than twice the time.
struct CostTests {
    @Test("a word without spaces costs n log n", arguments: HuggingFaceTests.names)
    func longWords(_ name: String) throws {
        let tokenizer = try HuggingFaceTests.load(name)
        let clock = ContinuousClock()
        for unit in ["a", "the", "漢", " ", "é!"] {
            func time(_ count: Int) -> Duration {
                let text = String(repeating: unit, count: count)
                return clock.measure { _ = tokenizer.encode(text) }
            }
            _ = time(1000)
            let short = (0..<3).map { _ in time(4_000) }.min() ?? .zero
            let long = time(64_000)
            // Quadratic cost would be 256 times as much; the bound leaves room for a busy machine.
            #expect(long < short * 96 + .milliseconds(200), "\(name) \(unit): \(short) -> \(long)")
        }
    }
}
