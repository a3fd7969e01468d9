import Foundation
import Testing

/// A checkpoint of zeros in the shape of a Llama: large to every reader, and a few kilobytes on the disk.
struct LargeModel {
    let folder: TemporaryFolder
    /// Bytes of the weights.
    let byteCount: Int

    var path: String { folder.path("large") }

    /// BF16, and the tokenizer of a fixture.
    init(layers: Int, width: Int = 2048) throws {
        folder = try TemporaryFolder()
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/conversion/tok-spm").standardized
        try FileManager.default.copyItem(atPath: fixtures.path, toPath: folder.path("large"))
        let settings: [String: Any] = [
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": width,
            "num_hidden_layers": layers, "intermediate_size": 4 * width, "num_attention_heads": width / 64,
            "num_key_value_heads": width / 64, "vocab_size": 4096, "max_position_embeddings": 256,
            "rms_norm_eps": 1e-5,
        ]
        try JSONSerialization.data(withJSONObject: settings)
            .write(to: folder.url.appending(path: "large/config.json"))
        var shapes = [("model.embed_tokens", [4096, width]), ("model.norm", [width]), ("lm_head", [4096, width])]
        for layer in (0..<layers).map({ "model.layers.\($0)." }) {
            shapes += ["input_layernorm", "post_attention_layernorm"].map { (layer + $0, [width]) }
            shapes += ["q", "k", "v", "o"].map { (layer + "self_attn.\($0)_proj", [width, width]) }
            shapes += ["gate", "up"].map { (layer + "mlp.\($0)_proj", [4 * width, width]) }
            shapes.append((layer + "mlp.down_proj", [width, 4 * width]))
        }
        var (header, offset) = ([String: Any](), 0)
        for (name, shape) in shapes {
            let end = offset + 2 * shape.reduce(1, *)
            header[name + ".weight"] = ["dtype": "BF16", "shape": shape, "data_offsets": [offset, end]]
            offset = end
        }
        byteCount = offset
        let text = try JSONSerialization.data(withJSONObject: header)
        let weights = folder.path("large/model.safetensors")
        let start = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
        try #require(FileManager.default.createFile(atPath: weights, contents: start))
        try #require(truncate(weights, off_t(start.count + byteCount)) == 0)
    }
}
