import Crypto
import SwiftletGround
import SwiftletTokenizers

/// Which of GGUF's pre-tokenizers a `tokenizer.json` needs.
enum PreTokenizerDetection {
    /// The text whose tokens tell vocabularies apart (llama.cpp, conversion/base.py).
    static let text =
        "\n \n\n \n\n\n \t \t\t \t\n  \n   \n    \n     \n🚀 (normal) 😶\u{200d}🌫️ (multiple emojis concatenated) ✅ 🦙🦙 3 33 333 3333 33333 333333 3333333 33333333 3.3 3..3 3...3 កាន់តែពិសេសអាច😁 ?我想在apple工作1314151天～ ------======= нещо на Български ''''''```````\"\"\"\"......!!!!!!?????? I've been 'told he's there, 'RE you sure? 'M not sure I'll make it, 'D you like some tea? We'Ve a'lL"

    /// The name by the tokens of `text`; nil if the vocabulary is none that is known, or its rules are none that we
    /// know.
    static func byTokens(_ tokenizer: any Tokenizer) -> String? {
        let tokens = tokenizer.encode(text, addSpecial: true, parseSpecial: true)
        let list = "[" + tokens.map(String.init).joined(separator: ", ") + "]"
        return PreTokenizerHashes.names[SHA256.hash(data: Array(list.utf8)).hexadecimal]
    }

    /// The name by the rules in the file, for vocabularies of one's own with rules of a known family; nil if they are
    /// of none.
    static func byRules(_ file: JSONValue) -> String? {
        let steps = file["pre_tokenizer"]?["pretokenizers"]?.array ?? [file["pre_tokenizer"] ?? .null]
        let patterns = steps.compactMap { $0["pattern"]?["Regex"]?.string }
        let types = steps.compactMap { $0["type"]?.string }
        if let known = families.first(where: { family in
            patterns.contains { $0.utf8.elementsEqual(family.pattern.utf8) }
        }) {
            let ignoresMerges = file["model"]?["ignore_merges"]?.bool ?? false
            return ignoresMerges ? known.ignoringMerges : known.name
        }
        guard patterns.isEmpty, types.contains("ByteLevel") else { return nil }
        if types.allSatisfy({ $0 == "ByteLevel" }) { return "gpt-2" }
        let digits = steps.first { $0["type"]?.string == "Digits" }
        if digits?["individual_digits"]?.bool == true, types.count == 2 { return "smollm" }
        return nil
    }

    /// The pattern that a family's `tokenizer.json` splits by; nil for families of several steps.
    static func pattern(named name: String) -> String? {
        families.first { $0.name == name || $0.ignoringMerges == name }?.pattern
    }

    /// Whether words that are tokens need no merges in vocabularies of that name.
    static func ignoresMerges(_ name: String) -> Bool {
        name == "tekken" || families.contains { $0.ignoringMerges == name && $0.name != name }
    }

    private static let words = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
    private static let rest = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

    /// Patterns as their families spell them, with the name for vocabularies whose whole words need no merges and for
    /// others.
    private static let families: [(pattern: String, ignoringMerges: String, name: String)] = [
        (words + "\\p{N}{1,3}" + rest, "llama-bpe", "smaug-bpe"),
        (words + "\\p{N}" + rest, "qwen2", "qwen2"),
        (
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", "gpt-2", "gpt-2"
        ),
        (
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "tekken", "tekken"
        ),
    ]
}
