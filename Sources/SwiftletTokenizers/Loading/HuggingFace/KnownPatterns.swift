/// The regular expressions that `tokenizer.json` files of known models split by, and the scanners that do the same.
enum KnownPatterns {
    /// The steps for a pattern, or nil if it is unknown. Patterns are compared to the letter.
    static func steps(_ pattern: String) -> [any Splitter]? {
        table.first { $0.pattern.utf8.elementsEqual(pattern.utf8) }?.steps
    }

    /// Whether every text is covered by matches, so that keeping only matches loses nothing.
    static func coversAll(_ pattern: String) -> Bool {
        pattern.utf8.suffix(3).elementsEqual(#"\s+"#.utf8)
    }

    private static let anyCase = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    private static let end = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    private static let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
    private static let deepSeek =
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|"##
        + end

    private static func cased(suffix: String, digits: String) -> String {
        #"[^\r\n\p{L}\p{N}]?"# + upper + "*" + lower + "+" + suffix + #"|[^\r\n\p{L}\p{N}]?"# + upper + "+" + lower
            + "*"
            + suffix + "|" + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + end
    }

    private static func words(_ contraction: String, _ letters: String, _ digits: String, _ rest: String) -> String {
        contraction + #"|[^\r\n\p{L}\p{N}]?"# + letters + "+|" + digits + "|" + rest
    }

    private static let usual = #" ?[^\s\p{L}\p{N}]+[\r\n]*|"# + end
    private static let possessive =
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#

    private static let table: [(pattern: String, steps: [any Splitter])] = [
        (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, [GPT2Splitter()]),
        (#"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, [GPT2Splitter()]),
        (words(anyCase, #"\p{L}"#, #"\p{N}{1,3}"#, usual), [WordSplitter(digits: 3)]),
        (words(anyCase, #"\p{L}"#, #"\p{N}"#, usual), [WordSplitter()]),
        (words(anyCase, #"\p{L}"#, #"\p{N}+"#, usual), [WordSplitter(digits: .max)]),
        (
            words(anyCase, #"[\p{L}\p{M}]"#, #"\p{N}"#, #" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"# + end),
            [WordSplitter(letters: [.letter, .mark], notPunctuation: [.letter, .mark])]
        ),
        (
            words(anyCase, #"\p{L}"#, #"\p{N}{1}"#, " ?[^\\s\\p{L}\\p{N}\r\n]+|\\s*[\r\n]+|\\s+(?!\\S)|\\s+")
                .replacingEscapes(), [WordSplitter(tail: .none)]
        ),
        (possessive, [WordSplitter(digits: 3)]),
        (possessive.replacing("{1,3}", with: ""), [WordSplitter()]),
        (#"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"# + usual, [WordSplitter(contractions: .none)]),
        (cased(suffix: anyCase + "?", digits: #"\p{N}{1,3}"#), [CasedWordSplitter(reading: .categories)]),
        (
            cased(suffix: "", digits: #"\p{N}"#),
            [CasedWordSplitter(reading: .categories, contractions: false, digits: 1)]
        ),
        (
            anyCase
                + #"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#,
            [ExaoneMoESplitter()]
        ),
        (#"\p{N}{1,3}"#, [ClassSplitter.numbersByThree]),
        (#"\p{N}"#, [EachNumberSplitter()]),
        (#"\p{N}+"#, [ClassSplitter.numberRuns]),
        (#"[0-9][0-9][0-9]"#, [ClassSplitter.asciiTriples]),
        (#"\d{1,3}(?=(?:\d{3})*\b)"#, [ThousandsSplitter(reading: .regex)]),
        (#"(?=(\d{3})+(?!\d))"#, [SuperBPESplitter()]),
        (#"[一-龥぀-ゟ゠-ヿ]+"#, [.hanAndKana]),
        (deepSeek, [DeepSeekSplitter()]),
        (#"[\r\n]"#, [ClassSplitter.eachNewline]),
        (#"\s?\p{L}+"#, [ClassSplitter(prefix: .whitespace) { _, flags in flags.meets(.letter) }]),
        (#"\s?\p{P}+"#, [ClassSplitter(prefix: .whitespace) { _, flags in flags.meets(.punctuation) }]),
        (#"[一-龥ࠀ-一가-퟿]+"#, [.deepSeekIdeographs]),
        (#" ?[^(\s|[.,!?…。，、।۔،])]+"#, [.notBloomPunctuation]),
        (#"[^\n]+|[\n]+"#, [LineSplitter()]),
    ]
}

extension String {
    /// Line ends as `\r` and `\n` spelled out.
    fileprivate func replacingEscapes() -> String {
        replacing("\r\n", with: #"\r\n"#)
    }
}
