import SwiftletModelFiles

/// Which tensors are quantized at all, whatever the mix: the matrices among a model's weights (llama-quant.cpp,
/// `tensor_allows_quantization`). The others keep their type.
enum QuantizableTensors {
    static func contains(_ tensor: GGUFTensor, in shape: ModelShape) -> Bool {
        let name = tensor.name
        // Vectors, also those that say more dimensions of size 1.
        guard tensor.dimensions.dropFirst().contains(where: { $0 > 1 }),
            name.utf8.reversed().starts(with: "weight".utf8.reversed()),
            !whole.contains(name)
        else { return false }
        return !parts.contains(where: name.contains(bytes:))
            && (shape.architecture != "glm5-next" || !glm5Parts.contains(where: name.contains(bytes:)))
    }

    private static let whole: Set<String> = ["position_embd.weight", "token_types.weight"]

    /// Parts of the names of tensors that are small, or do harm when they are coarse.
    private static let parts = [
        "_norm.weight",
        // Which experts a token goes to.
        "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight",
        "altup", "laurel", "per_layer_model_proj",
        // Short convolutions.
        "ssm_conv1d", "shortconv.conv.weight",
        "indexer.k_proj.weight", "indexer.q_proj.weight",
        // RWKV.
        "time_mix_first.weight", "time_mix_w0.weight", "time_mix_w1.weight", "time_mix_w2.weight",
        "time_mix_v0.weight", "time_mix_v1.weight", "time_mix_v2.weight", "time_mix_a0.weight",
        "time_mix_a1.weight", "time_mix_a2.weight", "time_mix_g1.weight", "time_mix_g2.weight",
        "time_mix_decay_w1.weight", "time_mix_decay_w2.weight", "time_mix_lerp_fused.weight",
        // Relative positions (T5).
        "attn_rel_b.weight",
        // Images and sound.
        ".position_embd", "sam.pos_embd", "sam.neck.", "sam.net_", ".rel_pos", ".patch_embd", ".patch_merger",
        "a.rvq.codebook", "mm.a.code_embd",
    ]

    private static let glm5Parts = [
        "hc_", "indexer.attn_q_b", "indexer.attn_k", "indexer.proj", "indexer_compressor_gate",
        "indexer_compressor_ape", "ssm_f_a.weight", "ssm_f_b.weight", "ssm_g_a.weight", "ssm_g_b.weight",
        "ssm_beta.weight", "attn_kv_a_mqa.weight", "attn_k_b.weight", "attn_v_b.weight",
    ]
}
