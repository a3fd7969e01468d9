public import SwiftletGround

/// Takes a model's answer apart while it arrives: reasoning, text, and calls of known tools.
///
/// Text is given out as soon as it cannot be part of a marker. A call is held until it is whole, so its arguments are
/// always one JSON object; what turns out to be no call of a known tool stays content, byte for byte. White space
/// between calls, around reasoning, and between text and a call is layout and left out; all else is given out.
/// Time is linear in the answer.
public struct AnswerParser: Sendable {
    let style: AnswerStyle
    let tools: KnownTools
    let syntax: CallSyntax?
    let openers: [[UInt8]]
    let parsesReasoning: Bool

    var mode: Mode
    /// What has arrived and is not given out.
    var held: [UInt8] = []
    /// How much of `held` is known to hold no marker, and where the last text in that part ends: white space follows.
    var searched = 0
    var textEnd = 0
    /// Whether there was only white space since the answer's start or the last call: where a bare JSON object can be one.
    var isFresh = true
    /// Whether `<response>` was opened.
    var isInResponse = false
    var callCount = 0
    var failures = 0
    var parts: [AnswerPart] = []

    enum Mode {
        /// Before the first text: reasoning may open here.
        case start
        /// Behind the opening of reasoning that the prompt has written; the model may repeat it.
        case reasoningStart
        case reasoning
        /// Behind reasoning: white space is dropped.
        case contentStart
        case content
        /// In a call; the bytes before `from` are the marker and white space before it.
        case call(CallReader, from: Int)
        /// Behind calls: texts that close them, from this one on, may follow.
        case afterCall(closer: Int)
    }

    /// Calls of the named tools alone are parsed.
    public init(
        _ style: AnswerStyle, toolNames: [String], startsInReasoning: Bool, parsesReasoning: Bool = true,
        parsesTools: Bool = true
    ) {
        self.init(
            style, tools: KnownTools(names: toolNames), startsInReasoning: startsInReasoning,
            parsesReasoning: parsesReasoning, parsesTools: parsesTools)
    }

    /// The same with tools' definitions as OpenAI's API has them: with their schemas, arguments that a model writes as
    /// bare text (Qwen3-Coder's) get their types.
    public init(
        _ style: AnswerStyle, tools: [JSONValue], startsInReasoning: Bool, parsesReasoning: Bool = true,
        parsesTools: Bool = true
    ) {
        self.init(
            style, tools: KnownTools(definitions: tools), startsInReasoning: startsInReasoning,
            parsesReasoning: parsesReasoning, parsesTools: parsesTools)
    }

    private init(
        _ style: AnswerStyle, tools: KnownTools, startsInReasoning: Bool, parsesReasoning: Bool, parsesTools: Bool
    ) {
        self.style = style
        self.tools = tools
        self.parsesReasoning = parsesReasoning
        syntax = parsesTools && !tools.isEmpty ? style.calls : nil
        openers = (syntax?.openers ?? []).map { Array($0.utf8) }
        mode = startsInReasoning && style.reasoning != nil ? .reasoningStart : .start
    }

    /// Takes the next piece of the answer and gives what has become certain.
    public mutating func append(_ text: String) -> [AnswerPart] {
        held.append(contentsOf: text.utf8)
        return run(isLast: false)
    }

    /// Gives out all that was held back; the answer has ended.
    public mutating func finish() -> [AnswerPart] {
        run(isLast: true)
    }

    private mutating func run(isLast: Bool) -> [AnswerPart] {
        while step(isLast: isLast) {}
        defer { parts = [] }
        return parts
    }

    /// One move; false when more bytes are needed.
    private mutating func step(isLast: Bool) -> Bool {
        switch mode {
        case .start: startAnswer(isLast)
        case .reasoningStart: startReasoning(isLast)
        case .reasoning: readReasoning(isLast)
        case .contentStart: startContent(isLast)
        case .content: readContent(isLast)
        case .call(let reader, let from): readCall(reader, from: from, isLast)
        case .afterCall(let closer): readClosers(from: closer, isLast)
        }
    }

    // MARK: giving out

    /// Gives out the first bytes as content and forgets them.
    mutating func giveContent(_ count: Int) {
        guard count > 0 else { return }
        let text = held.text(0..<count)
        if case .content(let before)? = parts.last {
            parts[parts.count - 1] = .content(before + text)
        } else {
            parts.append(.content(text))
        }
        drop(count)
    }

    mutating func giveReasoning(_ count: Int) {
        guard count > 0 else { return }
        guard parsesReasoning else { return giveContent(count) }
        let text = held.text(0..<count)
        if case .reasoning(let before)? = parts.last {
            parts[parts.count - 1] = .reasoning(before + text)
        } else {
            parts.append(.reasoning(text))
        }
        drop(count)
    }

    mutating func give(_ calls: [ToolCall]) {
        for call in calls {
            parts.append(.toolCallStart(index: callCount, name: call.name))
            parts.append(.toolCallArguments(index: callCount, call.arguments.text()))
            parts.append(.toolCallEnd(index: callCount))
            callCount += 1
        }
    }

    mutating func drop(_ count: Int) {
        held.removeFirst(count)
        searched = max(0, searched - count)
        textEnd = max(0, textEnd - count)
    }

    /// Where the first text in `held` is, found without looking at white space twice.
    mutating func textStart() -> Int {
        guard textEnd == 0 else { return held.skipSpace(from: 0) }
        searched = held.skipSpace(from: min(searched, held.count))
        return searched
    }
}
