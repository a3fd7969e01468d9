import SwiftletGround
import SwiftletModelFiles

/// Granite 3 and 4, dense (conversion/granite.py).
enum GraniteCheckpoint: GraniteLike {
    // Who it is
    static let name = "granite"
    static let classes = ["GraniteForCausalLM"]

    // The way back
    static let modelType = "granite"
}

/// What the dense models and the mixtures share: four scales.
protocol GraniteLike: LlamaLike {}

extension GraniteLike {
    static var defaults: JSONObject {
        [
            "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "attention_multiplier": 1.0, "embedding_multiplier": 1.0,
            "residual_multiplier": 1.0, "logits_scaling": 1.0,
        ]
    }

    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try writeLlamaSettings(model, into: &metadata)
        // Heads are always an even share of the width.
        metadata[model.key("attention.key_length")] = nil
        metadata[model.key("attention.value_length")] = nil
        let size = try model.configuration.integer("hidden_size") / (try model.configuration.headCount)
        metadata[model.key("rope.dimension_count")] = .uint32(UInt32(size))
        if try model.configuration.string("position_embedding_type") == "nope" {
            metadata[model.key("rope.scaling.finetuned")] = .bool(false)
        }
        for (name, key) in graniteScales {
            guard let scale = try model.configuration.number(ifPresent: key), scale != 0 else { continue }
            metadata[model.key(name)] = .float32(Float(scale))
        }
        if let length = try model.configuration.integer(ifPresent: "shared_intermediate_size"), length > 0 {
            metadata[model.key("expert_shared_feed_forward_length")] = .uint32(UInt32(length))
        }
    }

    static var graniteScales: [(gguf: String, checkpoint: String)] {
        [
            ("attention.scale", "attention_multiplier"), ("embedding_scale", "embedding_multiplier"),
            ("residual_scale", "residual_multiplier"), ("logit_scale", "logits_scaling"),
        ]
    }

    // Tensors
    static var names: TensorNames { GraniteNames.all }

    static func filtered(_ name: String) -> String? {
        let foreign = ["image_", "layerwise_projectors", "spatial_projectors"]
        if name.hasPrefix("encoder.") || foreign.contains(where: name.contains) { return nil }
        return withoutWrapping(name.replacing("text_model.", with: ""))
    }

    // The way back
    static func exportedSettings(_ file: GGUFMetadata) throws(ConversionError) -> JSONObject { exportedScales(file) }

    static func exportedScales(_ file: GGUFMetadata) -> JSONObject {
        var settings = JSONObject()
        for (name, key) in graniteScales {
            if case .float32(let scale)? = file["\(Self.name).\(name)"] { settings[key] = .number(shortest(scale)) }
        }
        if case .bool(false)? = file["\(Self.name).rope.scaling.finetuned"] {
            settings["position_embedding_type"] = "nope"
        }
        return settings
    }
}
