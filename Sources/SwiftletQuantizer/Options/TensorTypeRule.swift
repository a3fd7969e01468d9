public import SwiftletGround
public import SwiftletTensors

/// A type for all tensors in whose name a pattern is found: `ffn_down=q6_K`, `blk\.[0-3]\.=q8_0`.
public struct TensorTypeRule: @unchecked Sendable {
    // Sendable: a Regex that nobody mutates; it is matched through a copy.

    public let pattern: String
    public let type: ElementType
    private let regex: Regex<AnyRegexOutput>

    /// Reads `REGEX=TYPE`; throws if there is no `=`, the pattern is no regular expression, or the type none.
    ///
    /// Upper-case letters of the pattern mean lower case, as llama-quantize has it, except after a backslash: `\D`.
    public init(_ text: String) throws(QuantizerError) {
        let place = "tensor type \"\(text.prefix(80))\""
        // The last one: a pattern may hold `(?=`.
        guard let equals = text.lastIndex(of: "="), equals > text.startIndex else {
            throw QuantizerError(
                .option, "is not REGEX=TYPE", at: place, advice: "For instance ffn_down=q6_K")
        }
        pattern = Self.lowercased(text[..<equals])
        do {
            type = try ElementType(encodableNamed: String(text[text.index(after: equals)...]))
        } catch {
            throw error.within(place)
        }
        do {
            regex = try Regex(pattern).matchingSemantics(.unicodeScalar).asciiOnlyDigits().asciiOnlyWordCharacters()
        } catch {
            throw QuantizerError(.option, "is no regular expression", at: "\"\(pattern)\"", cause: error)
        }
    }

    /// Whether the pattern is found in a tensor's name.
    public func fits(_ name: String) -> Bool { (try? regex.firstMatch(in: name)) != nil }

    private static func lowercased(_ pattern: Substring) -> String {
        var lowered = ""
        var isEscaped = false
        for character in pattern {
            lowered += isEscaped ? String(character) : character.lowercased()
            isEscaped = character == "\\" && !isEscaped
        }
        return lowered
    }
}
