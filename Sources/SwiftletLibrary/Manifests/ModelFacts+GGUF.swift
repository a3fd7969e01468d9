import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

extension ModelFacts {
    /// Reads the header of a GGUF file (or of all its shards); throws `notAModel` for bytes that are none.
    init(gguf url: URL, named name: String) throws(LibraryError) {
        do {
            try self.init(GGUFFile(url), fileName: name)
        } catch {
            throw LibraryError(
                .notAModel, "cannot be read as GGUF", at: name, advice: "The file is damaged or of another kind",
                cause: error)
        }
    }

    private init(_ file: GGUFFile, fileName: String) throws(ModelFileError) {
        let metadata = file.metadata
        let architecture = try metadata.string(ifPresent: "general.architecture") ?? "unknown"
        func number(_ key: String) -> Int? {
            // A header may say anything; what is no plausible count is left out rather than believed.
            ((try? metadata.integer(ifPresent: "\(architecture).\(key)", as: Int.self)) ?? nil)
                .flatMap { (0...(1 << 40)).contains($0) ? $0 : nil }
        }
        self.architecture = architecture
        title = try? metadata.string(ifPresent: "general.name")
        contextLength = number("context_length")
        layers = number("block_count")
        embeddingSize = number("embedding_length")
        vocabularySize = ((try? metadata.array(ifPresent: "tokenizer.ggml.tokens")) ?? nil)?.count
        parameters = file.tensors.reduce(0) { sum, tensor in
            let count = tensor.dimensions.reduce((1, false)) { product, dimension in
                let (value, overflow) = product.0.multipliedReportingOverflow(by: dimension)
                return (value, product.1 || overflow)
            }
            return count.1 ? sum : sum.addingReportingOverflow(count.0).partialValue
        }
        let type = ((try? metadata.integer(ifPresent: "general.file_type", as: Int.self)) ?? nil)
        quantization = type.flatMap { Self.fileTypes[$0] } ?? Quantization.label(in: fileName) ?? Self.mainType(file)
        cacheNumbersPerToken = Self.cacheNumbers(layers, number, metadata, architecture)
    }

    /// Keys and values of all layers: layers x KV heads x (key size + value size). Encoders have no such cache.
    private static func cacheNumbers(
        _ layers: Int?, _ number: (String) -> Int?, _ metadata: GGUFMetadata, _ architecture: String
    ) -> Int? {
        guard let layers, layers <= 1 << 16, let embedding = number("embedding_length") else { return nil }
        if architecture.contains("bert") { return 0 }
        guard let heads = number("attention.head_count"), heads > 0 else { return nil }
        let size = embedding / heads
        let perHead = (number("attention.key_length") ?? size) + (number("attention.value_length") ?? size)
        // Some models have another number of KV heads in each layer.
        let each = (try? metadata.integers(ifPresent: "\(architecture).attention.head_count_kv", as: Int.self)) ?? nil
        let total =
            each.map { $0.prefix(layers).reduce(0) { $0 &+ $1 } }
            ?? layers.multipliedReportingOverflow(by: number("attention.head_count_kv") ?? heads).partialValue
        let (numbers, overflow) = total.multipliedReportingOverflow(by: perHead)
        return overflow || numbers < 0 ? nil : numbers
    }

    /// The type that most bytes of the tensors have.
    private static func mainType(_ file: GGUFFile) -> String {
        var bytes: [String: Int] = [:]
        for tensor in file.tensors { bytes[tensor.type.name, default: 0] &+= tensor.byteCount }
        return bytes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "none"
    }

    /// `general.file_type`, as llama.h numbers them (enum llama_ftype).
    private static let fileTypes: [Int: String] = [
        0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
        12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS",
        20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M",
        28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
        39: "NVFP4", 40: "Q1_0", 41: "Q2_0",
    ]
}
