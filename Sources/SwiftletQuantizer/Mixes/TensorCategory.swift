/// The part of a model that a tensor is, as far as mix rules tell parts apart.
enum TensorCategory {
    case tokenEmbedding, output
    case attentionQuery, attentionKey, attentionOutput
    /// Values alone, or fused with what is as sensitive: q/k/v, and the key-value up-projection of latent attention.
    case attentionValue
    case feedForwardUp, feedForwardGate, feedForwardDown
    case other

    init(_ name: String) {
        func has(_ part: String) -> Bool { name.contains(bytes: part) }
        self =
            if name == "output.weight" {
                .output
            } else if name == "token_embd.weight" || name == "per_layer_token_embd.weight" {
                .tokenEmbedding
            } else if has("attn_qkv.weight") || has("attn_kv_b.weight") || has("attn_v.weight") {
                .attentionValue
            } else if has("attn_k.weight") {
                .attentionKey
            } else if has("attn_q.weight") {
                .attentionQuery
            } else if has("attn_output.weight") {
                .attentionOutput
            } else if has("ffn_up") {
                .feedForwardUp
            } else if has("ffn_gate") {
                .feedForwardGate
            } else if has("ffn_down") {
                .feedForwardDown
            } else {
                .other
            }
    }
}

extension String {
    /// Whether these bytes appear anywhere in the text.
    func contains(bytes part: String) -> Bool {
        let (text, part) = (Array(utf8), Array(part.utf8))
        guard text.count >= part.count else { return false }
        return (0...text.count - part.count).contains { text[$0..<$0 + part.count].elementsEqual(part) }
    }

    /// The layer in a name `blk.12.…`; nil for others.
    var layerNumber: Int? {
        guard utf8.starts(with: "blk.".utf8) else { return nil }
        return Int(
            utf8.dropFirst(4).prefix { (48...57).contains($0) }.reduce(into: "") {
                $0.unicodeScalars.append(Unicode.Scalar($1))
            })
    }
}
