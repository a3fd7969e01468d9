import SwiftletGround
import SwiftletModelFiles

/// Qwen3, dense (conversion/qwen.py).
enum Qwen3Checkpoint: QwenLike {
    // Who it is
    static let name = "qwen3"
    static let classes = ["Qwen3ForCausalLM", "Qwen3Model"]
    static let defaults: JSONObject = [
        "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "max_position_embeddings": 32768, "num_key_value_heads": 32,
        "head_dim": 128,
    ]

    // Tensors
    static let names = TensorNames.decoder.with([
        ("model.layers.{}.self_attn.q_norm", "blk.{}.attn_q_norm"),
        ("model.layers.{}.self_attn.k_norm", "blk.{}.attn_k_norm"),
        ("score", "cls.output"),
    ])

    // The way back
    static let modelType = "qwen3"
}
