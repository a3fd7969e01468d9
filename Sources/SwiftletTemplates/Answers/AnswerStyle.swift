/// How a model writes reasoning and tool calls into its answer, as its chat template shows.
public struct AnswerStyle: Sendable, Hashable {
    let calls: CallSyntax?
    let reasoning: ReasoningTags?
    /// Granite 3.3 puts the answer after its thoughts between `<response>` and `</response>`.
    let wrapsResponse: Bool

    /// Text only.
    public static let plain = AnswerStyle(calls: nil, reasoning: nil)

    init(calls: CallSyntax?, reasoning: ReasoningTags?, wrapsResponse: Bool = false) {
        self.calls = calls
        self.reasoning = reasoning
        self.wrapsResponse = wrapsResponse
    }

    /// The style that the source of a chat template shows, in Jinja or in Go's form; `plain` if it shows none.
    ///
    /// Cost: a few scans of the source.
    public init(templateSource: String) {
        let source = Array(templateSource.utf8)
        func has(_ text: String) -> Bool { Bytes.find(Array(text.utf8), in: source) != nil }
        wrapsResponse = has("<response></response>")
        reasoning = wrapsResponse ? .think : ReasoningTags.all.first { has($0.closing) || has($0.opening) }
        calls = CallSyntax.shown(in: has)
    }

    public var supportsTools: Bool { calls != nil }
    public var supportsReasoning: Bool { reasoning != nil }

    /// Texts that the parser must see and that may be special tokens of the vocabulary, whose text is usually left out.
    public var markers: [String] {
        var markers = reasoning.map { [$0.opening, $0.closing] } ?? []
        if wrapsResponse { markers += ["<response>", "</response>"] }
        if let calls { markers += calls.openers + calls.closers + calls.innerMarkers }
        return markers.filter { $0.hasPrefix("<") || $0.hasPrefix("[") }
    }

    /// Whether this prompt ends inside reasoning that it has opened itself, so that the answer goes on there.
    public func startsInReasoning(prompt renderedPrompt: String) -> Bool {
        guard let reasoning else { return false }
        let end = renderedPrompt.utf8.reversed().drop { $0.isSpace }
        return end.starts(with: reasoning.opening.utf8.reversed())
    }
}

/// The texts around a model's reasoning.
struct ReasoningTags: Sendable, Hashable {
    let opening: String
    let closing: String

    /// Qwen3, DeepSeek R1, SmolLM3, LFM2.5, Granite 3.3, …
    static let think = ReasoningTags(opening: "<think>", closing: "</think>")

    static let all = [
        think,
        // Magistral, Ministral 3
        ReasoningTags(opening: "[THINK]", closing: "[/THINK]"),
        // Gemma 4
        ReasoningTags(opening: "<|channel>thought", closing: "<channel|>"),
        // Apertus
        ReasoningTags(opening: "<|inner_prefix|>", closing: "<|inner_suffix|>"),
        // Seed-OSS
        ReasoningTags(opening: "<seed:think>", closing: "</seed:think>"),
    ]
}
