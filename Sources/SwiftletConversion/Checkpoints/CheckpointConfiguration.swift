import SwiftletGround

/// The settings of `config.json`, those of its `text_config` on top: typed look-ups, each with its limits.
///
/// Several keys mean the first that is there: families call the same setting by different names.
struct CheckpointConfiguration: Sendable {
    private(set) var values: JSONObject
    /// The class that the checkpoint is made for: `LlamaForCausalLM`.
    let className: String

    init(_ json: JSONValue) throws(ConversionError) {
        guard let outer = json.object else { throw Self.failure("is no JSON object", nil) }
        values = outer
        let inner = outer["text_config"]?.object
        if let inner {
            for member in inner { values[member.key] = member.value }
        }
        let classes = inner?["architectures"]?.array ?? outer["architectures"]?.array
        guard let name = classes?.first?.string else {
            throw ConversionError(
                .missing, "the checkpoint does not say its architecture", at: "config.json, architectures",
                advice: "Name the folder of a Hugging Face checkpoint")
        }
        className = name
    }

    /// The same with `defaults` for settings that are absent: what the model's own code assumes.
    func with(defaults: JSONObject) -> Self {
        var copy = self
        for member in defaults where values[member.key] == nil { copy.values[member.key] = member.value }
        return copy
    }

    subscript(key: String) -> JSONValue? {
        get {
            guard let value = values[key], !value.isNull else { return nil }
            return value
        }
        set { values[key] = newValue }
    }

    /// The first of the keys that is there; nil if none is, or it is null.
    func value(_ keys: [String]) -> (key: String, value: JSONValue)? {
        guard let key = keys.first(where: { values[$0] != nil }), let value = self[key] else { return nil }
        return (key, value)
    }

    func integer(
        ifPresent keys: String..., in range: ClosedRange<Int> = 0...(1 << 31 - 1)
    ) throws(ConversionError) -> Int? {
        guard let (key, value) = value(keys) else { return nil }
        guard let integer = value.integer, range.contains(integer) else {
            throw Self.failure("\(value.text().prefix(40)) is no whole number in \(range)", key)
        }
        return integer
    }

    func integer(_ key: String, in range: ClosedRange<Int> = 1...(1 << 31 - 1)) throws(ConversionError) -> Int {
        guard let integer = try integer(ifPresent: key, in: range) else { throw missing(key) }
        return integer
    }

    func number(ifPresent keys: String...) throws(ConversionError) -> Double? {
        guard let (key, value) = value(keys) else { return nil }
        return try Self.number(value, key)
    }

    func number(_ key: String) throws(ConversionError) -> Double {
        guard let number = try number(ifPresent: key) else { throw missing(key) }
        return number
    }

    static func number(_ value: JSONValue, _ key: String) throws(ConversionError) -> Double {
        guard let number = value.number, Float(number).isFinite else {
            throw failure("\(value.text().prefix(40)) is no finite number", key)
        }
        return number
    }

    func string(_ key: String) throws(ConversionError) -> String? {
        guard let value = self[key] else { return nil }
        guard let string = value.string else { throw Self.failure("is no text", key) }
        return string
    }

    func missing(_ key: String) -> ConversionError {
        ConversionError(.missing, "the setting is missing", at: "config.json, \(key)")
    }

    static func failure(_ problem: String, _ key: String?) -> ConversionError {
        ConversionError(.malformed, problem, at: key.map { "config.json, \($0)" } ?? "config.json")
    }
}

extension CheckpointConfiguration {
    var blockCount: Int {
        get throws(ConversionError) {
            guard
                let count = try integer(
                    ifPresent: "n_layers", "num_hidden_layers", "n_layer", "num_layers", in: 1...4096)
            else { throw missing("num_hidden_layers") }
            return count
        }
    }

    var headCount: Int {
        get throws(ConversionError) {
            guard let count = try integer(ifPresent: "n_heads", "num_attention_heads", in: 1...4096) else {
                throw missing("num_attention_heads")
            }
            return count
        }
    }

    var keyValueHeadCount: Int {
        get throws(ConversionError) {
            if let count = try integer(ifPresent: "n_kv_heads", "num_key_value_heads", in: 1...4096) { return count }
            return try headCount
        }
    }

    /// Elements of a head, said or worked out.
    var headSize: Int {
        get throws(ConversionError) {
            if let size = try integer(ifPresent: "head_dim", in: 1...65536) { return size }
            return try integer("hidden_size") / headCount
        }
    }

    var vocabularySize: Int? {
        get throws(ConversionError) { try integer(ifPresent: "vocab_size", in: 1...(1 << 28)) }
    }
}
