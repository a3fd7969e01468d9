extension AnswerStyle {
    /// The text that ends reasoning; nil for a style without any.
    public var reasoningClosing: String? { reasoning?.closing }

    /// The same style with calls as JSON between `<tool_call>` tags, for models that are told of tools in words.
    public var withTaggedCalls: AnswerStyle {
        AnswerStyle(calls: .tags, reasoning: reasoning, wrapsResponse: wrapsResponse)
    }
}

extension AnswerParser {
    /// Whether markers mean anything to it: whether they must reach it though they are special tokens.
    public var readsMarkers: Bool { syntax != nil || (parsesReasoning && style.reasoning != nil) }
}
