/// The names of one architecture's weights in checkpoints and in GGUF files, without `.weight`, `.bias` or `.scale`;
/// `{}` is the layer.
///
/// The first name of a GGUF tensor is the one that exports write.
struct TensorNames: Sendable, ExpressibleByArrayLiteral {
    private let pairs: [(checkpoint: String, gguf: String)]

    init(_ pairs: [(String, String)]) { self.pairs = pairs.map { (checkpoint: $0.0, gguf: $0.1) } }

    init(arrayLiteral pairs: (String, String)...) { self.init(pairs) }

    /// These names, with those of `other` that are not among them.
    func with(_ other: TensorNames) -> TensorNames {
        TensorNames((pairs + other.pairs).map { ($0.checkpoint, $0.gguf) })
    }

    /// The GGUF name of a checkpoint's weight: `model.layers.3.mlp.up_proj.weight` is `blk.3.ffn_up.weight`.
    func gguf(_ name: String) -> String? { Self.translated(name, pairs.lazy.map { ($0.checkpoint, $0.gguf) }) }

    /// The checkpoint's name of a GGUF tensor.
    func checkpoint(_ name: String) -> String? { Self.translated(name, pairs.lazy.map { ($0.gguf, $0.checkpoint) }) }

    private static func translated(_ name: String, _ pairs: some Sequence<(String, String)>) -> String? {
        for suffix in [".weight", ".bias", ".scale", ".input_scale"]
        where name.utf8.count > suffix.utf8.count && name.hasSuffix(suffix) {
            let (stem, layer) = split(String(name.dropLast(suffix.count)))
            guard let found = pairs.first(where: { $0.0.utf8.elementsEqual(stem.utf8) })?.1 else { return nil }
            return found.replacing("{}", with: layer ?? "") + suffix
        }
        return nil
    }

    /// A name with `{}` for its first number, and that number.
    private static func split(_ name: String) -> (stem: String, layer: String?) {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let place = parts.firstIndex(where: isNumber) else { return (name, nil) }
        let layer = parts[place]
        parts[place] = "{}"
        return (parts.joined(separator: "."), layer)
    }

    private static func isNumber(_ part: String) -> Bool {
        !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The layer of a name: its first part that is a number.
    static func layer(of name: String) -> Int? {
        name.split(separator: ".").map(String.init).first(where: isNumber).flatMap { Int($0) }
    }
}

extension TensorNames {
    /// The parts that nearly all decoders of Hugging Face's `transformers` have.
    static let decoder: TensorNames = [
        ("model.embed_tokens", "token_embd"),
        ("model.norm", "output_norm"),
        ("lm_head", "output"),
        ("model.layers.{}.input_layernorm", "blk.{}.attn_norm"),
        ("model.layers.{}.self_attn.q_proj", "blk.{}.attn_q"),
        ("model.layers.{}.self_attn.k_proj", "blk.{}.attn_k"),
        ("model.layers.{}.self_attn.v_proj", "blk.{}.attn_v"),
        ("model.layers.{}.self_attn.o_proj", "blk.{}.attn_output"),
        ("model.layers.{}.post_attention_layernorm", "blk.{}.ffn_norm"),
        ("model.layers.{}.mlp.gate_proj", "blk.{}.ffn_gate"),
        ("model.layers.{}.mlp.up_proj", "blk.{}.ffn_up"),
        ("model.layers.{}.mlp.down_proj", "blk.{}.ffn_down"),
    ]
}
