public import SwiftletGround

/// A prompt template in Go's text/template form, as Modelfiles and Ollama's library have them.
///
/// The language is Go's, with Ollama's functions (`json`, `currentDate`, `yesterdayDate`, `toTypeScriptType`) and data
/// (`.System`, `.Messages`, `.Tools`, `.Prompt`, `.Response`, `.Suffix`, `.Think`, `.ThinkLevel`, `.IsThinkSet`); read
/// from ollama/template/template.go (fb307609 and later). A template is not trusted: what it may use up is limited.
public struct GoTemplate: Sendable {
    public let source: String
    let bytes: [UInt8]
    let root: [GoNode]
    let templates: [ByteString: [GoNode]]
    private let names: Set<String>

    /// Reads a template; throws with line and column when its syntax is wrong.
    public init(source: String, limits: TemplateLimits = .usual) throws(TemplateError) {
        var parser = try GoParser(source: source, limits: limits)
        var root = try parser.template()
        // A template of old without a place for the answer ends with it.
        if !parser.names.contains("messages"), !parser.names.contains("response") {
            let operand = GoOperand.field(["Response"])
            let end = parser.source.count
            root.append(
                .action(GoPipe(commands: [GoCommand(operands: [operand], place: end)], place: end)))
        }
        self.source = source
        self.root = root
        bytes = parser.source
        templates = parser.templates
        names = parser.names
    }

    /// Whether the template reads this field or variable anywhere, whatever its case: "tools", "suffix", "thinking".
    public func reads(_ name: String) -> Bool { names.contains(name.lowercased()) }

    /// The prompt for a conversation, up to where the answer goes on.
    ///
    /// Messages and tools are objects in Ollama's or OpenAI's form. System messages and neighbours of one role are
    /// joined as Ollama does. `think` is nil if the caller did not say. A template without `.Messages` is rendered turn by
    /// turn. Throws with line and column.
    public func render(
        messages: [JSONValue], tools: [JSONValue] = [], think: Bool? = nil, thinkLevel: String = "",
        now: TemplateTime? = nil, limits: TemplateLimits = .usual
    ) throws(TemplateError) -> String {
        let thinking = Thinking(isOn: think, level: thinkLevel)
        let turns = Turn.collate(messages)
        var interpreter = GoInterpreter(self, now: now, limits: limits)
        if reads("messages") {
            let system = turns.system.joined(separator: "\n\n")
            let data = thinking.data([
                ("System", .string(system)), ("Messages", .list(turns.messages.map(GoInput.message)[...])),
                ("Tools", GoInput.tools(tools)), ("Response", .string("")),
            ])
            try interpreter.run(root, data: data)
        } else {
            try renderTurns(turns.messages, thinking, &interpreter)
        }
        return String(decoding: interpreter.output, as: UTF8.self)
    }

    /// The prompt for text to be filled in between a prompt and a suffix.
    public func render(
        prompt: String, suffix: String, think: Bool? = nil, thinkLevel: String = "", now: TemplateTime? = nil,
        limits: TemplateLimits = .usual
    ) throws(TemplateError) -> String {
        var interpreter = GoInterpreter(self, now: now, limits: limits)
        let data = Thinking(isOn: think, level: thinkLevel).data([
            ("Prompt", .string(prompt)), ("Suffix", .string(suffix)), ("Response", .string("")),
        ])
        try interpreter.run(root, data: data)
        return String(decoding: interpreter.output, as: UTF8.self)
    }
}

/// What the caller said of reasoning.
struct Thinking {
    let isOn: Bool?
    let level: String

    /// The data of a render: these members, and those of reasoning.
    func data(_ members: [(String, GoValue)]) -> GoValue {
        .map(
            GoMap(
                members + [
                    ("Think", .bool(isOn ?? false)), ("ThinkLevel", .string(level)),
                    ("IsThinkSet", .bool(isOn != nil)),
                ]))
    }
}
