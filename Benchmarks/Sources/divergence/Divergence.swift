import Foundation
import SwiftletKit

// usage: divergence MODEL TEXT TOKENS CHUNK [LOGITS]
// How far fast arithmetic (int8 activations) is from exact arithmetic (weights decoded to F32), both with an F32 cache:
// Kullback-Leibler divergence of each token's prediction, in nats, over TOKENS tokens of TEXT in sequences of CHUNK.
// With LOGITS, a file of float32 [tokens, vocabulary] from another engine, that one is compared instead of fast arithmetic.

@main enum Divergence {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 5, let count = Int(arguments[3]), let chunk = Int(arguments[4]), chunk > 0 else {
            FileHandle.standardError.write(Data("usage: divergence MODEL TEXT TOKENS CHUNK [LOGITS]\n".utf8))
            exit(2)
        }
        let model = try LanguageModel(contentsOf: URL(filePath: arguments[1]))
        let text = try String(contentsOf: URL(filePath: arguments[2]), encoding: .utf8)
        let tokens = try Array(model.tokenizer.encode(text).prefix(count))
        let size = model.configuration.vocabularySize
        let other =
            arguments.count > 5 ? try Data(contentsOf: URL(filePath: arguments[5]), options: .alwaysMapped) : nil
        let exact = Engine(model, options: EngineOptions(arithmetic: .exact))
        let fast = Engine(model)
        var divergences: [Double] = []

        for start in stride(from: 0, to: tokens.count, by: chunk) {
            let part = Array(tokens[start..<min(start + chunk, tokens.count)])
            let base = try await exact.logits(of: part, in: exact.makeSession(cacheType: .f32))
            let compared: [Float]
            if let other {
                let bytes = size * MemoryLayout<Float>.stride
                compared = other[start * bytes..<(start + part.count) * bytes].withUnsafeBytes {
                    Array($0.bindMemory(to: Float.self))
                }
            } else {
                compared = try await fast.logits(of: part, in: fast.makeSession(cacheType: .f32))
            }
            for row in part.indices {
                let range = row * size..<(row + 1) * size
                divergences.append(divergence(base[range], compared[range]))
            }
        }
        let worst = divergences.indices.sorted { divergences[$0] > divergences[$1] }.prefix(5)
        print("mean \(divergences.reduce(0, +) / Double(divergences.count)), worst:")
        for index in worst { print("  token \(index) (\(tokens[index])): \(divergences[index])") }
    }
}

private func logSumExp(_ values: ArraySlice<Float>) -> Double {
    let top = Double(values.max() ?? 0)
    return top + log(values.reduce(0.0) { $0 + exp(Double($1) - top) })
}

private func divergence(_ base: ArraySlice<Float>, _ other: ArraySlice<Float>) -> Double {
    let (p, q) = (logSumExp(base), logSumExp(other))
    return zip(base, other).reduce(0.0) { sum, pair in
        sum + exp(Double(pair.0) - p) * (Double(pair.0) - p - Double(pair.1) + q)
    }
}
