import Foundation
import SwiftletGround

extension ModelFacts {
    /// Reads a checkpoint's `config.json` and the headers of its safetensors files; nil if they do not tell enough.
    init?(checkpoint folder: URL, weights: [String]) {
        struct Configuration: Decodable {
            let model_type: String?
            let max_position_embeddings, num_hidden_layers, hidden_size, vocab_size, num_attention_heads: Int?
            let num_key_value_heads, head_dim: Int?
            let torch_dtype: String?
        }
        guard let json = try? Data(contentsOf: folder.appending(path: "config.json")),
            let configuration = try? JSONDecoder().decode(Configuration.self, from: json),
            let type = configuration.model_type
        else { return nil }
        func checked(_ number: Int?) -> Int? { number.flatMap { (0...(1 << 40)).contains($0) ? $0 : nil } }
        architecture = type
        title = nil
        contextLength = checked(configuration.max_position_embeddings)
        layers = checked(configuration.num_hidden_layers)
        embeddingSize = checked(configuration.hidden_size)
        vocabularySize = checked(configuration.vocab_size)
        var count = 0
        var types: [String: Int] = [:]
        for name in weights {
            for tensor in Self.safetensors(folder.appending(path: name)) {
                count &+= tensor.count
                types[tensor.type, default: 0] &+= tensor.count
            }
        }
        parameters = count
        quantization = types.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? configuration.torch_dtype ?? "none"
        if type.contains("bert") {
            cacheNumbersPerToken = 0
        } else if let layers, let heads = checked(configuration.num_attention_heads), heads > 0, let embeddingSize {
            let groups = checked(configuration.num_key_value_heads) ?? heads
            let perToken = groups.multipliedReportingOverflow(
                by: 2 &* (checked(configuration.head_dim) ?? embeddingSize / heads))
            let (numbers, overflow) = perToken.partialValue.multipliedReportingOverflow(by: layers)
            cacheNumbersPerToken = overflow || perToken.overflow || numbers < 0 ? nil : numbers
        } else {
            cacheNumbersPerToken = nil
        }
    }

    /// Types and sizes from a safetensors header: 8 bytes of length, then JSON. Empty for what is no such file.
    private static func safetensors(_ url: URL) -> [(type: String, count: Int)] {
        struct Entry: Decodable {
            let dtype: String?
            let shape: [Int]?
        }
        guard let file = try? FileHandle(forReadingFrom: url), let head = try? file.read(upToCount: 8), head.count == 8
        else { return [] }
        let length = head.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
        guard length <= 100 << 20, let json = try? file.read(upToCount: Int(length)),
            let entries = try? JSONDecoder().decode([String: Entry].self, from: json)
        else { return [] }
        return entries.values.compactMap { entry in
            guard let type = entry.dtype, let shape = entry.shape else { return nil }
            var count = 1
            for dimension in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
                guard !overflow, dimension >= 0 else { return nil }
                count = product
            }
            return (type, count)
        }
    }
}
