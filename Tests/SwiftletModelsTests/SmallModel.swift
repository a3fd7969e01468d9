import Foundation
import SwiftletModelFiles
import SwiftletModels
import SwiftletTensors

/// A Llama of one block and 16 tokens, right until a test changes its settings or weights.
struct SmallModel {
    struct Weight {
        var type = ElementType.f32
        /// Outermost first.
        var shape: [Int]
    }

    var metadata = GGUFMetadata()
    /// By name; sorted when written.
    var weights: [String: Weight] = [:]

    init() {
        metadata["general.architecture"] = .string("llama")
        let settings: [(String, UInt32)] = [
            ("context_length", 64), ("embedding_length", 32), ("block_count", 1), ("feed_forward_length", 48),
            ("attention.head_count", 4), ("attention.head_count_kv", 2),
        ]
        for (key, value) in settings { self[key] = .uint32(value) }
        self["attention.layer_norm_rms_epsilon"] = .float32(1e-5)
        metadata["tokenizer.ggml.model"] = .string("gpt2")
        metadata["tokenizer.ggml.pre"] = .string("gpt-2")
        metadata["tokenizer.ggml.tokens"] = .array((0..<16).map { String(UnicodeScalar(0x61 + UInt8($0))) })
        metadata["tokenizer.ggml.merges"] = .array([String]())
        let shapes = [
            "token_embd": [16, 32], "output_norm": [32], "output": [16, 32], "blk.0.attn_norm": [32],
            "blk.0.attn_q": [32, 32], "blk.0.attn_k": [16, 32], "blk.0.attn_v": [16, 32],
            "blk.0.attn_output": [32, 32],
            "blk.0.ffn_norm": [32], "blk.0.ffn_gate": [48, 32], "blk.0.ffn_up": [48, 32], "blk.0.ffn_down": [32, 48],
        ]
        for (name, shape) in shapes { weights[name + ".weight"] = Weight(shape: shape) }
    }

    /// The same with four experts, two of them used, in place of the dense layer.
    static var mixture: Self {
        var model = Self()
        model["expert_count"] = .uint32(4)
        model["expert_used_count"] = .uint32(2)
        for name in ["gate", "up", "down"] {
            guard let dense = model.weights.removeValue(forKey: "blk.0.ffn_\(name).weight") else { continue }
            model.weights["blk.0.ffn_\(name)_exps.weight"] = Weight(shape: [4] + dense.shape)
        }
        model.weights["blk.0.ffn_gate_inp.weight"] = Weight(shape: [4, 32])
        return model
    }

    /// A setting of the architecture.
    subscript(key: String) -> GGUFValue? {
        get { metadata["llama." + key] }
        set { metadata["llama." + key] = newValue }
    }

    /// Opens the model as a file of that name in a folder of its own.
    func open() throws -> LanguageModel {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appending(path: "small.gguf")
        var writer = try GGUFWriter(metadata: metadata)
        for (name, weight) in weights.sorted(by: { $0.key < $1.key }) {
            try writer.add(name, type: weight.type, shape: weight.shape)
        }
        try writer.write(to: url) { tensor, write in
            try [UInt8](repeating: 0, count: tensor.byteCount).withUnsafeBytes(write)
        }
        return try LanguageModel(contentsOf: url)
    }

    /// What opening it throws, if that is a `ModelError`.
    func error() -> ModelError? {
        do {
            _ = try open()
            return nil
        } catch {
            return error as? ModelError
        }
    }
}
