/// Removes spaces that tokens of English carry but texts do not: " ?", " !", " .", " ,", " ' ", " 's", " 'm", " 're", " 've".
///
/// Three passes over the text, each a small machine that holds back what the next byte may still change, so that the
/// result is the same byte by byte as at once. Source of the rules: `clean_up_tokenization_spaces` as in llama.cpp.
struct SpaceCleanup: Sendable {
    private var beforePunctuation = false
    /// Pass 2: a held space, and then a held apostrophe.
    private var aroundSpace = false
    private var aroundQuote = false
    /// Pass 3: a held space, then an apostrophe, then `r` or `v`.
    private var contractionSpace = false
    private var contractionQuote = false
    private var contractionLetter: UInt8?

    mutating func append(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        for byte in bytes { punctuation(byte, &output) }
    }

    mutating func finish(_ output: inout [UInt8]) {
        if beforePunctuation { apostrophe(Self.space, &output) }
        if aroundSpace { contraction(Self.space, &output) }
        if aroundQuote { contraction(Self.quote, &output) }
        if contractionSpace { output.append(Self.space) }
        if contractionQuote { output.append(Self.quote) }
        if let contractionLetter { output.append(contractionLetter) }
        self = Self()
    }

    private static let space = UInt8(ascii: " ")
    private static let quote = UInt8(ascii: "'")

    private mutating func punctuation(_ byte: UInt8, _ output: inout [UInt8]) {
        if beforePunctuation {
            beforePunctuation = false
            switch byte {
            case UInt8(ascii: "?"), UInt8(ascii: "!"), UInt8(ascii: "."), UInt8(ascii: ","): break
            default: apostrophe(Self.space, &output)
            }
        }
        if byte == Self.space { beforePunctuation = true } else { apostrophe(byte, &output) }
    }

    private mutating func apostrophe(_ byte: UInt8, _ output: inout [UInt8]) {
        if aroundQuote {
            aroundQuote = false
            if byte == Self.space {
                aroundSpace = false
                contraction(Self.quote, &output)
                return
            }
            aroundSpace = false
            contraction(Self.space, &output)
            contraction(Self.quote, &output)
        } else if aroundSpace {
            if byte == Self.quote {
                aroundQuote = true
                return
            }
            aroundSpace = false
            contraction(Self.space, &output)
        }
        if byte == Self.space { aroundSpace = true } else { contraction(byte, &output) }
    }

    private mutating func contraction(_ byte: UInt8, _ output: inout [UInt8]) {
        if let letter = contractionLetter {
            contractionLetter = nil
            release(keepingSpace: byte != UInt8(ascii: "e"), &output)
            output.append(letter)
        } else if contractionQuote {
            if byte == UInt8(ascii: "r") || byte == UInt8(ascii: "v") {
                contractionLetter = byte
                return
            }
            release(keepingSpace: byte != UInt8(ascii: "s") && byte != UInt8(ascii: "m"), &output)
        } else if contractionSpace {
            if byte == Self.quote {
                contractionQuote = true
                return
            }
            contractionSpace = false
            output.append(Self.space)
        }
        if byte == Self.space { contractionSpace = true } else { output.append(byte) }
    }

    private mutating func release(keepingSpace: Bool, _ output: inout [UInt8]) {
        if keepingSpace { output.append(Self.space) }
        output.append(Self.quote)
        contractionSpace = false
        contractionQuote = false
    }
}
