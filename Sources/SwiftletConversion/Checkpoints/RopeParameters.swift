import SwiftletGround

/// What `config.json` says of rotary embeddings, in its old form (`rope_theta`, `rope_scaling`) or its new one
/// (`rope_parameters`, perhaps one for each kind of layer).
struct RopeParameters {
    /// The parameters of layers with full attention.
    let values: JSONObject
    /// The base of layers with a sliding window, where it differs.
    let localBase: Double?

    init(_ configuration: CheckpointConfiguration) throws(ConversionError) {
        var all =
            (configuration.values["rope_parameters"] ?? configuration.values["rope_scaling"])?.object ?? JSONObject()
        if all["full_attention"] == nil, all["sliding_attention"] == nil {
            let base = try configuration.number(
                ifPresent: "global_rope_theta", "rope_global_theta", "rope_theta_global", "rope_theta",
                "rotary_emb_base")
            let local = try configuration.number(
                ifPresent: "local_rope_theta", "rope_local_theta", "rope_theta_local", "swa_rope_theta",
                "rope_local_base_freq")
            if let local { all["sliding_attention"] = ["rope_theta": .number(local)] }
            if all["rope_theta"] == nil, let base { all["rope_theta"] = .number(base) }
            if all["rope_type"] == nil, let type = all["type"] { all["rope_type"] = type }
            if all["partial_rotary_factor"] == nil,
                let factor = try configuration.number(ifPresent: "partial_rotary_factor", "rope_pct", "rope_percent")
            {
                all["partial_rotary_factor"] = .number(factor)
            }
            if all["original_max_position_embeddings"] == nil,
                let length = try configuration.integer(ifPresent: "original_max_position_embeddings")
            {
                all["original_max_position_embeddings"] = .integer(Int64(length))
            }
        }
        values = all["full_attention"]?.object ?? all
        let local = all["sliding_attention"]?["rope_theta"]
        localBase = try local.map { (value) throws(ConversionError) in
            try CheckpointConfiguration.number(value, "sliding_attention.rope_theta")
        }
    }

    /// `linear`, `yarn`, `longrope`, `llama3` ...; nil without scaling.
    var type: String? { values["rope_type"]?.string }

    func number(_ keys: String...) throws(ConversionError) -> Double? {
        for key in keys {
            if let value = values[key], !value.isNull {
                return try CheckpointConfiguration.number(value, "rope_scaling.\(key)")
            }
        }
        return nil
    }

    func number(required key: String) throws(ConversionError) -> Double {
        guard let number = try number(key) else {
            throw ConversionError(.missing, "the setting is missing", at: "config.json, rope_scaling.\(key)")
        }
        return number
    }

    func integer(_ key: String) throws(ConversionError) -> Int? {
        guard let number = try number(key) else { return nil }
        guard let integer = Int(exactly: number), (1...Int(Int32.max)).contains(integer) else {
            throw CheckpointConfiguration.failure("\(number) is no whole number above zero", "rope_scaling.\(key)")
        }
        return integer
    }

    /// A list of numbers (Phi's factors); nil if it is not there.
    func list(_ key: String) throws(ConversionError) -> [Float]? {
        guard let values = values[key]?.array else { return nil }
        var list: [Float] = []
        for value in values { list.append(Float(try CheckpointConfiguration.number(value, "rope_scaling.\(key)"))) }
        return list
    }
}
