import Foundation
import SwiftletEngine
import Testing

extension SamplingParameters {
    /// Any valid mixture, mirostat left out.
    static func random(_ random: inout RandomSource) -> Self {
        func pick<T>(_ values: [T]) -> T { values.randomElement(using: &random)! }
        var p = Self()
        p.temperature = pick([0, 0.3, 0.8, 1, 2])
        p.dynamicTemperatureRange = pick([0, 0, 0.25])
        p.topK = pick([0, 0, 1, 3, 40, 300])
        p.topP = pick([1, 1, 0.93, 0.61, 0.12])
        p.minP = pick([0, 0, 0.051, 0.31])
        p.typicalP = pick([1, 1, 0.91, 0.33])
        p.topNSigma = pick([-1, -1, 0.7, 2.1])
        p.minimumKeep = pick([0, 0, 0, 3])
        p.repeatPenalty = pick([1, 1.2, 0.9])
        p.frequencyPenalty = pick([0, 0.31])
        p.presencePenalty = pick([0, 0.17])
        p.repeatLastN = pick([0, 3, 64])
        p.dryMultiplier = pick([0, 0.83])
        p.dryAllowedLength = pick([0, 1, 2, 4])
        p.dryPenaltyLastN = pick([0, 5, 64])
        p.xtcProbability = pick([0, 0, 1])
        p.xtcThreshold = pick([0.021, 0.107, 0.35, 0.6])
        p.order = Self.defaultOrder
        if Bool.random(using: &random) { p.order.shuffle(using: &random) }
        return p
    }
}

/// The fast samplers against the plain ones in SamplingReference.swift, on random logits of many sizes.
struct SamplingReferenceTests {
    /// The same tokens with the same probabilities.
    private func compare(_ p: SamplingParameters, _ logits: [Float], text: [Int32], breakers: [[Int32]] = []) throws {
        var sampler = try Sampler(p, dryBreakers: DryBreakers(sequences: breakers))
        for token in text { sampler.accept(token) }
        var scratch = logits
        let found = try scratch.withUnsafeMutableBufferPointer { try sampler.distribution($0) }
        let plain = plainChain(logits, p, text: text, breakers: breakers)
        let expected = zip(plain, plainSoftmax(plain))
        let probabilities = Dictionary(uniqueKeysWithValues: expected.map { ($0.token, $1) })
        let off = found.filter { abs(exp($0.logProbability) - (probabilities[$0.token] ?? .infinity)) > 3e-6 }
        let missing = Set(plain.map(\.token)).subtracting(found.map(\.token))
        #expect(off.isEmpty && missing.isEmpty, "\(p), \(logits.count) logits, after \(text)")
    }

    private func normal(_ random: inout RandomSource) -> Float {
        Float((-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform()))
    }

    private func text(_ random: inout RandomSource) -> [Int32] {
        let words = Int32.random(in: 1...6, using: &random)
        return (0..<Int.random(in: 0...90, using: &random)).map { _ in .random(in: 0..<words, using: &random) }
    }

    static let single: [(String, @Sendable (inout SamplingParameters, inout RandomSource) -> Void)] = [
        ("top-k", { $0.topK = .random(in: 0...600, using: &$1) }),
        ("top-p", { $0.topP = .random(in: 0...1, using: &$1) }),
        ("min-p", { $0.minP = .random(in: 0...1, using: &$1) }),
        ("typical", { $0.typicalP = .random(in: 0...1, using: &$1) }),
        ("top-n-sigma", { $0.topNSigma = .random(in: 0.1...3, using: &$1) }),
        ("temperature", { $0.temperature = .random(in: 0...3, using: &$1) }),
        (
            "dynamic temperature",
            {
                $0.temperature = .random(in: 0...2, using: &$1)
                $0.dynamicTemperatureRange = .random(in: 0.01...2, using: &$1)
                $0.dynamicTemperatureExponent = .random(in: 0.3...2, using: &$1)
            }
        ),
        (
            "xtc",
            {
                $0.xtcProbability = 1
                $0.xtcThreshold = .random(in: 0...0.2, using: &$1)
            }
        ),
        (
            "penalties",
            {
                $0.repeatPenalty = .random(in: 0.5...2, using: &$1)
                $0.frequencyPenalty = .random(in: -1...1, using: &$1)
                $0.presencePenalty = .random(in: -1...1, using: &$1)
                $0.repeatLastN = .random(in: 0...100, using: &$1)
            }
        ),
        (
            "dry",
            {
                $0.dryMultiplier = .random(in: 0...2, using: &$1)
                $0.dryBase = .random(in: 1...2, using: &$1)
                $0.dryAllowedLength = .random(in: 0...5, using: &$1)
                $0.dryPenaltyLastN = .random(in: 0...100, using: &$1)
            }
        ),
    ]

    @Test(arguments: single.indices) func oneSampler(_ index: Int) throws {
        var random = RandomSource(seed: UInt64(index))
        for _ in 0..<300 {
            var p = SamplingParameters.neutral
            Self.single[index].1(&p, &random)
            let spread = Float.random(in: 0.2...5, using: &random)
            let logits = (0..<Int.random(in: 1...700, using: &random)).map { _ in normal(&random) * spread }
            try compare(p, logits, text: text(&random))
        }
    }

    @Test func wholeChains() throws {
        var random = RandomSource(seed: 77)
        for _ in 0..<1500 {
            let p = SamplingParameters.random(&random)
            let logits = (0..<Int.random(in: 1...1200, using: &random)).map { _ in normal(&random) * 3 }
            try compare(p, logits, text: text(&random))
        }
    }

    /// Sizes around the widths of the loops, ties everywhere, impossible tokens in between.
    @Test func smallSizesAndTies() throws {
        var random = RandomSource(seed: 78)
        for size in 1...140 {
            for k in [1, 2, 7, 8, 9, 63, 64, 65, 139] {
                var logits = (0..<size).map { _ in Float(Int.random(in: -3...3, using: &random)) }
                logits[Int.random(in: 0..<size, using: &random)] = 4
                for position in 0..<size where Int.random(in: 0..<5, using: &random) == 0 && logits[position] < 4 {
                    logits[position] = -.infinity
                }
                try compare(.neutral { $0.topK = k }, logits, text: [])
                try compare(.neutral { $0.minP = 0.0312 }, logits, text: [])
            }
        }
    }

    /// Ranking many of many takes the paths of selection and radix sort; descending, ascending and equal logits are their
    /// worst cases.
    @Test func largeSelections() throws {
        var random = RandomSource(seed: 79)
        let size = 20_000
        let shapes: [[Float]] = [
            (0..<size).map { _ in normal(&random) }, (0..<size).map { Float($0) / 5000 },
            (0..<size).map { -Float($0) / 5000 }, [Float](repeating: 0.5, count: size),
            (0..<size).map { Float($0 % 10) / 10 },
        ]
        for logits in shapes {
            for k in [1, 40, 1000, 19_999] { try compare(.neutral { $0.topK = k }, logits, text: []) }
            try compare(.neutral { $0.topP = 0.777 }, logits, text: [])
        }
        try compare(.neutral { $0.typicalP = 0.777 }, shapes[0], text: [])
    }

    @Test func dryWithBreakers() throws {
        var random = RandomSource(seed: 80)
        for _ in 0..<2000 {
            let breakers = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                (0..<Int.random(in: 1...3, using: &random)).map { _ in Int32.random(in: 0..<5, using: &random) }
            }
            let p = SamplingParameters.neutral {
                $0.dryMultiplier = 0.7
                $0.dryAllowedLength = .random(in: 0...3, using: &random)
            }
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in Int32.random(in: 0..<5, using: &random) }
            try compare(p, (0..<8).map { Float($0) / 3 }, text: text, breakers: breakers)
        }
    }
}
