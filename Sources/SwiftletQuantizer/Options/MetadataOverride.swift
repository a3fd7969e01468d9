public import SwiftletGround
public import SwiftletModelFiles

/// A metadata value that the written file gets instead of the model's: `general.name=str:Little`.
public struct MetadataOverride: Sendable, Equatable {
    public let key: String
    public let value: GGUFValue

    /// The limits of the reference's structure for them (llama.h, `llama_model_kv_override`).
    private static let longest = 127

    /// Reads `KEY=TYPE:VALUE`, TYPE being int, float, bool or str, which are written as uint32, float32, bool and string.
    public init(_ text: String) throws(QuantizerError) {
        let place = "metadata \"\(text.prefix(80))\""
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
            let colon = text[equals...].firstIndex(of: ":")
        else {
            throw QuantizerError(
                .option, "is not KEY=TYPE:VALUE", at: place, advice: "For instance general.name=str:Little")
        }
        key = String(text[..<equals])
        let type = text[text.index(after: equals)..<colon]
        let value = String(text[text.index(after: colon)...])
        let parsed: GGUFValue? =
            switch type {
            case "int": UInt32(value).map(GGUFValue.uint32)
            case "float": Double(value).map { .float32(Float($0)) }
            case "bool": Bool(value).map(GGUFValue.bool)
            case "str": value.utf8.count <= Self.longest ? .string(value) : nil
            default:
                throw QuantizerError(.option, "\"\(type)\" is none of int, float, bool, str", at: place)
            }
        guard let parsed, key.utf8.count <= Self.longest else {
            throw QuantizerError(
                .option, "the value is no \(type) that can be stored", at: place,
                advice: "int takes 0 to \(UInt32.max), bool true or false; keys and texts have at most 127 bytes")
        }
        self.value = parsed
    }

    init(key: String, value: GGUFValue) { (self.key, self.value) = (key, value) }
}

extension GGUFMetadata {
    /// Sets a key at the end, wherever it was before: the order in which the reference writes what it changes.
    mutating func append(_ key: String, _ value: GGUFValue) {
        self[key] = nil
        self[key] = value
    }
}
