/// How text is cut into words before byte pairs are merged in them: steps that follow each other.
struct PreTokenizer: Sendable {
    let steps: [any Splitter]

    init(_ steps: any Splitter...) {
        self.steps = steps
    }

    init(steps: [any Splitter]) {
        self.steps = steps
    }

    /// The ends of the words of `text` from `start`; every byte belongs to one. Linear in the length times the steps.
    func ends(_ text: ScannedText, from start: Int) -> [Int] {
        guard let first = steps.first else { return start < text.end ? [text.end] : [] }
        var ends: [Int] = []
        ends.reserveCapacity((text.end - start) / 4 + 8)
        first.split(text, from: start, into: &ends)
        for step in steps.dropFirst() {
            var finer: [Int] = []
            finer.reserveCapacity(ends.count + ends.count / 2)
            var pieceStart = start
            for end in ends {
                step.split(text.ending(at: end), from: pieceStart, into: &finer)
                pieceStart = end
            }
            ends = finer
        }
        return ends
    }
}

extension PreTokenizer {
    static let llama3 = Self(WordSplitter(digits: 3))
    static let jais2 = Self(WordSplitter(digits: 3, whitespaceInPowersOfTwo: true))
    static let qwen2 = Self(WordSplitter())
    static let qwen35 = Self(WordSplitter(letters: [.letter, .mark], notPunctuation: [.letter, .mark]))
    static let ufakzeka = Self(WordSplitter(contractions: .none))
    static let seedCoder = Self(WordSplitter(tail: .none))
    static let minicpm5 = Self(ClassSplitter.numbersByThree, WordSplitter(digits: .max))
    static let laguna = Self(LineSplitter(), WordSplitter())
    static let exaoneMoE = Self(ExaoneMoESplitter())
    static let kimiK2 = Self(KimiSplitter())

    static let gpt2 = Self(GPT2Splitter())
    static let starcoder = Self(EachNumberSplitter(), GPT2Splitter())
    static let falcon = Self(.punctuation(and: "$+<=>^~|`"), GPT2Splitter(), ClassSplitter.asciiTriples)
    static let standard = Self(
        .punctuation(and: "$+<=>^~|"), GPT2Splitter(), ClassSplitter.numberRuns, ClassSplitter.asciiTriples)
    static let chameleon = Self(
        ChameleonMarkSplitter(mark: .sentinel), ChameleonMarkSplitter(mark: .image), ChameleonSpaceSplitter(),
        EachNumberSplitter(),
        ClassSplitter(atMost: 1) { scalar, flags in
            flags.meets(.punctuation) || (scalar < 0x80 && flags.meets(.symbol))
        },
        GPT2Splitter())

    static let gpt4o = Self(CasedWordSplitter(reading: .asciiCase(marks: false)))
    static let tekken = Self(CasedWordSplitter(reading: .asciiCase(marks: false), contractions: false, digits: 1))
    static let graniteEmbedding = Self(CasedWordSplitter(reading: .asciiCase(marks: true)))
    static let tinyAya = Self(
        ThousandsSplitter(reading: .joined),
        WordSplitter(contractions: .trailing, letters: [.letter, .mark], digits: 3, tail: .newlinesAndSlashes))
    static let youtu = Self(
        EastAsianSplitter(),
        WordSplitter(contractions: .trailing, letters: [.letter, .mark], tail: .newlinesAndSlashes))

    static let deepSeekV3 = Self(ClassSplitter.numbersByThree, .hanAndKana, DeepSeekSplitter())
    static let spark = Self(
        ClassSplitter.numbersByThree, .hanAndKana, DeepSeekSplitter(newlinesAlone: true), EachNumberSplitter())
    static let afmoe = Self(ThousandsSplitter(reading: .joined), .asianScripts, DeepSeekSplitter())
    static let deepSeekLLM = Self(
        ClassSplitter.eachNewline, .cased, .deepSeekPunctuation, TrailingWhitespaceSplitter(), .deepSeekIdeographs,
        ClassSplitter.numberRuns)
    static let deepSeekCoder = Self(
        ClassSplitter.eachNewline, ClassSplitter(prefix: .whitespace) { _, flags in flags.meets(.letter) },
        ClassSplitter(prefix: .whitespace) { _, flags in flags.meets(.punctuation) }, .deepSeekIdeographs,
        EachNumberSplitter())

    static let bloom = Self(.notBloomPunctuation)
    static let viking = Self(.notBloomPunctuation, EachNumberSplitter())
    static let superBPE = Self(ClassSplitter.numberRuns, SuperBPESplitter())
    static let lines = Self(LineSplitter())
    static let nonWhitespace = Self(ClassSplitter { _, flags in !flags.meets(.whitespace) })
}

extension Splitter where Self == ClassSplitter {
    /// `[\p{P}...]+` with some ASCII symbols.
    static func punctuation(and symbols: StaticString) -> Self {
        let symbols = symbols.withUTF8Buffer { Set($0.map(UInt32.init)) }
        return Self { scalar, flags in flags.meets(.punctuation) || symbols.contains(scalar) }
    }

    /// ` ?[^(\s|.,!?…。，、।۔،)]+` (Bloom, Poro, Viking)
    static var notBloomPunctuation: Self {
        let excluded = Set("(|.,!?…。，、।۔،)".unicodeScalars.map(\.value))
        return Self(prefix: .space) { scalar, flags in !flags.meets(.whitespace) && !excluded.contains(scalar) }
    }
}
