import SwiftletGround

/// SmolLM3 (conversion/llama.py).
enum SmolLM3Checkpoint: LlamaLike {
    // Who it is
    static let name = "smollm3"
    static let classes = ["SmolLM3ForCausalLM"]
    static let defaults: JSONObject = [
        "rms_norm_eps": 1e-6, "rope_theta": 2_000_000.0, "max_position_embeddings": 32768, "num_key_value_heads": 4,
    ]

    // The way back
    static let modelType = "smollm3"
}
