import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

extension Parsers {
    /// A checkpoint's folder, plain or quantized, with a tokenizer or without: what is converted can be written, and what is
    /// written can be read.
    static func checkpoint(_ bytes: UnsafeRawBufferPointer) -> CInt {
        InputFolder.with(bytes) { folder, files in
            let hasVocabulary = !files.isDisjoint(with: ["tokenizer.json", "vocab.json", "vocab.txt"])
            guard let model = try? Checkpoint(folder).converted(to: .auto, vocabulary: hasVocabulary) else { return }
            write(model)
        }
        return 0
    }

    /// The pieces of a tokenizer.model; as the vocabulary of a checkpoint if they can be read.
    static func sentencePiece(_ bytes: UnsafeRawBufferPointer) -> CInt {
        guard (try? SentencePieceModel(bytes)) != nil else { return 0 }
        InputFolder.write(bytes, to: base.appending(path: "tokenizer.model"))
        if let model = try? Checkpoint(base).converted(to: .f16) { write(model) }
        return 0
    }

    /// An adapter, the folder of a PEFT adapter or a GGUF file, merged into a small model.
    static func adapter(_ bytes: UnsafeRawBufferPointer) -> CInt {
        if bytes.starts(with: "GGUF".utf8) {
            let buffer = AlignedBuffer(byteCount: bytes.count)
            buffer.bytes.copyMemory(from: bytes)
            let copy = UnsafeRawBufferPointer(buffer.bytes)
            if let file = try? GGUFFile(bytes: copy, owner: buffer, name: "fuzz.gguf") { merge(file) }
            return 0
        }
        InputFolder.with(bytes) { folder, _ in
            guard let adapter = try? PEFTAdapter(folder).converted(base: Checkpoint(base)) else { return }
            write(adapter)
            merge(adapter)
        }
        return 0
    }

    private static func merge(_ adapter: any TensorSource) {
        guard let model = try? Checkpoint(base).converted(to: .auto, vocabulary: false),
            let merged = try? MergedModel(model, adapters: [(adapter, 0.5)])
        else { return }
        for (index, tensor) in merged.tensors.enumerated() {
            for row in 0..<tensor.rows { try? merged.withUnsafeRows(row..<row + 1, ofTensor: index) { _ in } }
        }
    }

    private static let output = InputFolder.made(InputFolder.root.appending(path: "output")).appending(path: "out.gguf")

    private static func write(_ model: ConvertedModel) {
        guard (try? model.write(to: output)) != nil else { return }
        do { _ = try GGUFFile(output) } catch { fatalError("what was written cannot be read: \(error)") }
    }

    /// A mixture of two experts in one layer, all weights zero.
    private static let base: URL = {
        let folder = InputFolder.made(InputFolder.root.appending(path: "base"))
        let settings = """
            {"architectures": ["MixtralForCausalLM"], "hidden_size": 8, "num_hidden_layers": 1, "intermediate_size": 12,
             "num_attention_heads": 2, "num_key_value_heads": 1, "num_local_experts": 2, "num_experts_per_tok": 1,
             "vocab_size": 400, "max_position_embeddings": 32, "rms_norm_eps": 1e-5, "head_dim": 4}
            """
        Array(settings.utf8).withUnsafeBytes { InputFolder.write($0, to: folder.appending(path: "config.json")) }
        let layer = "model.layers.0."
        var shapes = [
            "model.embed_tokens.weight": [400, 8], "model.norm.weight": [8], "lm_head.weight": [400, 8],
            layer + "input_layernorm.weight": [8], layer + "post_attention_layernorm.weight": [8],
            layer + "self_attn.q_proj.weight": [8, 8], layer + "self_attn.k_proj.weight": [4, 8],
            layer + "self_attn.v_proj.weight": [4, 8], layer + "self_attn.o_proj.weight": [8, 8],
            layer + "block_sparse_moe.gate.weight": [2, 8],
        ]
        for expert in ["0", "1"] {
            for (part, shape) in ["w1": [12, 8], "w2": [8, 12], "w3": [12, 8]] {
                shapes[layer + "block_sparse_moe.experts.\(expert).\(part).weight"] = shape
            }
        }
        do {
            var writer = SafetensorsWriter()
            for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
                try writer.add(name, type: .bf16, shape: shape)
            }
            let sizes = writer.tensors.map(\.byteCount)
            try writer.write(to: folder.appending(path: "model.safetensors")) { index, write in
                try [UInt8](repeating: 0, count: sizes[index]).withUnsafeBytes { try write($0) }
            }
        } catch { fatalError("\(error)") }
        return folder
    }()
}
