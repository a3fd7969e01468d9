import SwiftletGround

/// Reads the `normalizer` of a `tokenizer.json`.
enum NormalizerDescription {
    static func steps(_ json: JSONValue, depth: Int = 0) throws(TokenizerError) -> [TextNormalizer.Step] {
        if json.isNull { return [] }
        let type = json["type"]?.string ?? "none"
        switch type {
        case "Sequence":
            var steps: [TextNormalizer.Step] = []
            guard depth < 8 else { break }
            for item in json["normalizers"]?.array ?? [] { steps += try Self.steps(item, depth: depth + 1) }
            return steps
        case "NFC": return [.composed]
        case "NFD": return [.decomposed]
        case "Lowercase": return [.lowercase]
        case "StripAccents": return [.stripAccents]
        case "Strip":
            return [.strip(left: json["strip_left"]?.bool ?? true, right: json["strip_right"]?.bool ?? true)]
        case "Prepend": return [.prepend(Array((json["prepend"]?.string ?? "").utf8))]
        case "Replace":
            let content = Array((json["content"]?.string ?? "").utf8)
            if let pattern = json["pattern"]?["String"]?.string {
                return [.replace(Array(pattern.utf8), with: content)]
            }
            let pattern = json["pattern"]?["Regex"]?.string ?? ""
            if pattern == " {2,}" { return [.replaceSpaceRuns(with: content)] }
            throw TokenizerError(.unsupported, "the pattern \"\(pattern)\" is unknown", at: "normalizer.pattern")
        case "Precompiled":
            guard let bytes = Base64.decode(json["precompiled_charsmap"]?.string ?? "") else {
                throw TokenizerError(.malformed, "the rules are not base64", at: "normalizer.precompiled_charsmap")
            }
            return try PrecompiledNormalizer(bytes).map { [.precompiled($0)] } ?? []
        default: break
        }
        throw TokenizerError(.unsupported, "the normalizer \"\(type)\" is unknown", at: "normalizer.type")
    }
}

enum Base64 {
    /// The bytes of a base64 text (RFC 4648), or nil if it is none.
    static func decode(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="): continue
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return output
    }
}
