/// The ways in which models write tool calls.
enum CallSyntax: Sendable, Hashable {
    /// Qwen, Hermes, Granite 4, SmolLM3: `<tool_call>{"name": …, "arguments": {…}}</tool_call>`; also Qwen3-Coder's
    /// `<function=name><parameter=key>value</parameter></function>` in the same tags.
    case tags
    /// Llama 3: the whole answer is `{"name": …, "parameters": {…}}`, also after `<|python_tag|>`, where a built-in tool
    /// is `name.call(key="value")`.
    case bare
    /// Mistral: `[TOOL_CALLS][{"name": …, "arguments": {…}}]`, or named, `[TOOL_CALLS]name[ARGS]{…}`.
    case mistral(isNamed: Bool)
    /// Granite 3, Phi-4-mini: `<|tool_call|>[{"name": …, "arguments": {…}}]`.
    case granite
    /// LFM2: `<|tool_call_start|>[name(key="value")]<|tool_call_end|>`.
    case pythonic
    /// Gemma 4 and FunctionGemma: `call:name{key:value}` between tokens.
    case gemma(GemmaTokens)
    /// DeepSeek R1 (JSON in a fence after type and name) and V3.1 (JSON after the name).
    case deepSeek(isFenced: Bool)

    /// The syntax that a template shows; `has` tells whether the template has a text.
    static func shown(in has: (String) -> Bool) -> CallSyntax? {
        if has("[TOOL_CALLS]") { return .mistral(isNamed: has("[ARGS]")) }
        if has("<|tool_call_start|>") || has("<|tool_list_start|>") || has("\"List of tools: [") { return .pythonic }
        if has(GemmaTokens.gemma4.opener) { return .gemma(.gemma4) }
        if has(GemmaTokens.functionGemma.opener) { return .gemma(.functionGemma) }
        if has("<｜tool▁call▁begin｜>") { return .deepSeek(isFenced: has("```json")) }
        if has("<|tool_call|>") { return .granite }
        // GLM has the same tags around a syntax of its own, which is not read.
        if has("<tool_call>"), !has("<arg_key>") { return .tags }
        if has("<|python_tag|>") || has("{\"name\": function name, \"parameters\"") { return .bare }
        return nil
    }

    /// What a call or a list of calls begins with.
    var openers: [String] {
        switch self {
        case .tags: ["<tool_call>", "<function="]
        case .bare: ["<|python_tag|>"]
        case .mistral: ["[TOOL_CALLS]"]
        case .granite: ["<|tool_call|>", "<tool_call>"]
        case .pythonic: ["<|tool_call_start|>"]
        case .gemma(let tokens): [tokens.opener]
        case .deepSeek: ["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>"]
        }
    }

    /// What may follow calls and belongs to them, in this order.
    var closers: [String] {
        switch self {
        case .tags: ["</tool_call>"]
        case .bare: [";"]
        case .mistral: []
        case .granite: ["<|/tool_call|>", "</tool_call>"]
        case .pythonic: ["<|tool_call_end|>"]
        case .gemma(let tokens): [tokens.closer]
        case .deepSeek: ["```", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"]
        }
    }

    /// Tokens inside calls.
    var innerMarkers: [String] {
        switch self {
        case .mistral: ["[CALL_ID]", "[ARGS]"]
        case .gemma(let tokens): [tokens.quote]
        case .deepSeek: ["<｜tool▁sep｜>"]
        default: []
        }
    }
}

/// The tokens around a call of the Gemma family and around its strings.
struct GemmaTokens: Sendable, Hashable {
    let opener: String
    let closer: String
    let quote: String

    static let gemma4 = GemmaTokens(opener: "<|tool_call>", closer: "<tool_call|>", quote: "<|\"|>")
    static let functionGemma = GemmaTokens(
        opener: "<start_function_call>", closer: "<end_function_call>", quote: "<escape>")
}
