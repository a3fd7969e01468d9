import SwiftletGround

/// Reads the `pre_tokenizer` of a `tokenizer.json`.
struct PreTokenizerDescription {
    private(set) var splitters: [any Splitter] = []
    /// What happens to the text before it is split.
    private(set) var normalizerSteps: [TextNormalizer.Step] = []
    private(set) var isByteLevel = false
    private(set) var dropsWhitespace = false
    /// The text gets "▁" only where it begins, not after special tokens.
    private(set) var firstOnly = false
    /// A space or "▁" is put before the text, and so taken away when decoding.
    private(set) var addsSpace = false

    init(_ json: JSONValue) throws(TokenizerError) {
        if !json.isNull { try read(json, depth: 0) }
    }

    private mutating func read(_ json: JSONValue, depth: Int) throws(TokenizerError) {
        let type = json["type"]?.string ?? "none"
        switch type {
        case "Sequence":
            guard depth < 8 else { throw unknown("a Sequence in a Sequence in a Sequence") }
            for item in json["pretokenizers"]?.array ?? [] { try read(item, depth: depth + 1) }
        case "ByteLevel":
            isByteLevel = true
            if json["add_prefix_space"]?.bool ?? true {
                guard splitters.isEmpty else { throw unknown("ByteLevel with a prefix after other splits") }
                normalizerSteps.append(.prependIfMissing([UInt8(ascii: " ")]))
            }
            if json["use_regex"]?.bool ?? true { splitters.append(GPT2Splitter()) }
        case "Split": try split(json)
        case "Metaspace": try metaspace(json)
        case "Digits":
            let isIndividual = json["individual_digits"]?.bool ?? false
            // After ByteLevel text is spelled in its alphabet, where the digits of ASCII are the only ones left.
            let asciiOnly = isByteLevel
            splitters.append(
                ClassSplitter(atMost: isIndividual ? 1 : .max) { scalar, flags in
                    flags.meets(.number) && (scalar < 0x80 || !asciiOnly)
                })
        case "Punctuation":
            let behavior = json["behavior"]?.string ?? "Isolated"
            guard behavior == "Isolated" || behavior == "Contiguous" else { throw unknown("Punctuation, \(behavior)") }
            splitters.append(
                ClassSplitter(atMost: behavior == "Isolated" ? 1 : .max) { scalar, flags in
                    flags.meets(.punctuation) || (scalar < 0x80 && flags.meets(.symbol))
                })
        case "Whitespace":
            splitters.append(WordBoundarySplitter())
            dropsWhitespace = true
        case "WhitespaceSplit":
            splitters.append(ClassSplitter { _, flags in !flags.meets(.whitespace) })
            dropsWhitespace = true
        default: throw unknown(type)
        }
    }

    private mutating func split(_ json: JSONValue) throws(TokenizerError) {
        let behavior = json["behavior"]?.string ?? ""
        let inverts = json["invert"]?.bool ?? false
        if json["pattern"]?["String"]?.string == " ", behavior == "MergedWithPrevious", !isByteLevel {
            // Gemma: its normalizer leaves no space to split by.
            return
        }
        guard let pattern = json["pattern"]?["Regex"]?.string, let steps = KnownPatterns.steps(pattern) else {
            throw unknown("Split by \(json["pattern"]?.text() ?? "nothing")")
        }
        let keepsAll =
            (behavior == "Isolated" && !inverts)
            || (behavior == "Removed" && inverts && KnownPatterns.coversAll(pattern))
        guard keepsAll else { throw unknown("Split, \(behavior)\(inverts ? ", inverted" : "")") }
        splitters += steps
    }

    private mutating func metaspace(_ json: JSONValue) throws(TokenizerError) {
        guard json["replacement"]?.string ?? "▁" == "▁" else { throw unknown("Metaspace, \(json.text())") }
        let scheme = json["prepend_scheme"]?.string ?? (json["add_prefix_space"]?.bool ?? true ? "always" : "never")
        addsSpace = scheme != "never"
        if dropsWhitespace {
            // After WhitespaceSplit every word gets its mark.
            guard splitters.count == 1, scheme == "always" else { throw unknown("Metaspace after WhitespaceSplit") }
            splitters = []
            dropsWhitespace = false
            normalizerSteps.append(.markWords)
        } else {
            normalizerSteps.append(.replace([UInt8(ascii: " ")], with: SpaceMark.bytes))
            switch scheme {
            case "always": normalizerSteps.append(.prependIfMissing(SpaceMark.bytes))
            case "first":
                normalizerSteps.append(.prependIfMissing(SpaceMark.bytes))
                firstOnly = true
            case "never": break
            default: throw unknown("Metaspace, \(scheme)")
            }
        }
        if json["split"]?.bool ?? true { splitters.append(MarkSplitter()) }
    }

    private func unknown(_ what: String) -> TokenizerError {
        TokenizerError(.unsupported, "the pre-tokenizer \"\(what)\" is unknown", at: "pre_tokenizer")
    }
}
