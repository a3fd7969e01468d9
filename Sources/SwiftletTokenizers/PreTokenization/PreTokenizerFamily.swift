/// A pre-tokenizer by its name in GGUF files, and what else that name says about a vocabulary.
///
/// Source of names and flags: llama.cpp, src/llama-vocab.cpp (llama_vocab::impl::load).
struct PreTokenizerFamily: Sendable {
    var preTokenizer: PreTokenizer
    var ignoresMerges = false
    var addsBeginning = false
    var alwaysAddsBeginning = false
    var hasNoBeginning = false
    var addsSeparator = false
    var cleansSpaces = false
    var isCharacterLevel = false
    var escapesSpaces = false
    var keepsLineFeeds = false

    /// The family of that name, or nil if nobody knows it.
    static func named(_ name: String) -> Self? {
        table[Name(text: name)]
    }

    static var allNames: [String] {
        families.flatMap { $0.names.split(separator: " ").map(String.init) }
    }

    /// Names compare byte by byte.
    private struct Name: Hashable, Sendable {
        let bytes: [UInt8]
        init(text: String) { bytes = Array(text.utf8) }
    }

    private static let table: [Name: Self] = {
        var table: [Name: Self] = [:]
        for (names, family) in families {
            for name in names.split(separator: " ") { table[Name(text: String(name))] = family }
        }
        return table
    }()

    private static let families: [(names: String, family: Self)] = [
        ("default", Self(.standard, cleans: true)),
        (
            "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano",
            Self(.llama3, cleans: true, ignoresMerges: true, addsBeginning: true)
        ),
        ("dbrx smaug-bpe", Self(.llama3, cleans: true)),
        ("chatglm-bpe", Self(.llama3, cleans: true, hasNoBeginning: true)),
        ("glm4 glm5", Self(.llama3, cleans: true, ignoresMerges: true, hasNoBeginning: true)),
        ("jais-2", Self(.jais2, cleans: true)),
        ("minicpm5", Self(.minicpm5, cleans: true, ignoresMerges: true)),
        ("qwen2 deepseek-r1-qwen kormo f2llmv2 hunyuan solar-open grok-2", Self(.qwen2)),
        ("stablelm2 megrez", Self(.qwen2, cleans: true)),
        ("qwen35", Self(.qwen35)),
        ("ufakzeka", Self(.ufakzeka)),
        ("bailingmoe bailingmoe2 llada-moe", Self(.qwen2)),
        ("seed-coder", Self(.seedCoder)),
        ("laguna", Self(.laguna)),
        ("gpt-4o llama4 kanana2 talkie minimax-m2", Self(.gpt4o)),
        ("granite-embed-multi-97m", Self(.graniteEmbedding, ignoresMerges: true)),
        ("tekken", Self(.tekken, ignoresMerges: true, addsBeginning: true)),
        ("tiny_aya cohere2moe", Self(.tinyAya)),
        ("youtu", Self(.youtu, ignoresMerges: true)),
        ("kimi-k2", Self(.kimiK2)),
        ("exaone-moe", Self(.exaoneMoE, cleans: true)),
        ("deepseek-llm", Self(.deepSeekLLM)),
        ("deepseek-coder", Self(.deepSeekCoder)),
        ("deepseek-v3 hunyuan-dense hy_v4 joyai-llm", Self(.deepSeekV3)),
        ("spark2_5", Self(.spark)),
        ("afmoe", Self(.afmoe)),
        (
            "gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert mpt olmo jais exaone4",
            Self(.gpt2, cleans: true)
        ),
        ("jina-v1-en jina-v2-code roberta-bpe", Self(.gpt2, cleans: true, addsSeparator: true)),
        ("trillion granite-docling", Self(.gpt2)),
        ("starcoder refact codeshell exaone minerva-7b mellum2", Self(.starcoder, cleans: true)),
        ("command-r smollm", Self(.starcoder)),
        ("falcon", Self(.falcon, cleans: true)),
        ("chameleon", Self(.chameleon, addsBeginning: true)),
        ("poro-chat", Self(.bloom)),
        ("bloom gpt3-finnish", Self(.bloom, cleans: true)),
        ("viking", Self(.viking)),
        ("superbpe", Self(.superBPE)),
        (
            "gemma4 granite-embed-multi-311m",
            Self(.lines, cleans: true, alwaysAddsBeginning: true, characters: .marked(true))
        ),
        ("sarvam-moe", Self(.lines, characters: .marked(false))),
        ("whitespace", Self(.nonWhitespace, cleans: true, characters: .plain)),
    ]

    private enum Characters {
        case bytes
        case plain
        /// Spaces are "▁"; whether a word of line feeds is kept whole.
        case marked(Bool)
    }

    private init(
        _ preTokenizer: PreTokenizer, cleans: Bool = false, ignoresMerges: Bool = false, addsBeginning: Bool = false,
        alwaysAddsBeginning: Bool = false, hasNoBeginning: Bool = false, addsSeparator: Bool = false,
        characters: Characters = .bytes
    ) {
        self.preTokenizer = preTokenizer
        self.ignoresMerges = ignoresMerges
        self.addsBeginning = addsBeginning
        self.alwaysAddsBeginning = alwaysAddsBeginning
        self.hasNoBeginning = hasNoBeginning
        self.addsSeparator = addsSeparator
        cleansSpaces = cleans
        switch characters {
        case .bytes: break
        case .plain: isCharacterLevel = true
        case .marked(let keepsLineFeeds):
            isCharacterLevel = true
            escapesSpaces = true
            self.keepsLineFeeds = keepsLineFeeds
        }
    }
}
