public import SwiftletGround

/// A chat template: Jinja2 as Hugging Face runs it (`trim_blocks`, `lstrip_blocks`, loop controls, the immutable
/// sandbox, `tojson` without escapes, `raise_exception`, `strftime_now`, `generation` blocks).
///
/// A template comes with a model file and is not trusted: what it may use up is limited, and it sees nothing but its
/// variables. Reading costs time linear in the source.
public struct ChatTemplate: Sendable {
    let parsed: ParsedTemplate
    public let source: String

    /// Reads a template; throws with line and column when its syntax is wrong.
    public init(source: String, limits: TemplateLimits = .usual) throws(TemplateError) {
        self.source = source
        parsed = try ParsedTemplate(source: source, limits: limits)
    }

    /// The text of a conversation.
    ///
    /// `variables` holds what the template may read: `messages`, `add_generation_prompt`, `tools`, `documents`,
    /// `bos_token`, `eos_token` and whatever else the model knows. `now` is what `strftime_now` formats; nil means
    /// local time. Throws with line and column; `raised` carries the template's own message.
    public func render(
        _ variables: JSONObject, now: TemplateTime? = nil, limits: TemplateLimits = .usual
    ) throws(TemplateError) -> String {
        try Interpreter(parsed, variables: variables, limits: limits, now: now).render()
    }

    /// The text for an input object as the `render` command takes it: the variables themselves, where `now`
    /// ("2026-01-02T03:04:05") also sets the clock.
    public func render(
        input: JSONObject, limits: TemplateLimits = .usual
    ) throws(TemplateError) -> String {
        var now: TemplateTime?
        if let text = input["now"]?.string {
            now = TemplateTime(iso8601: text)
            if now == nil {
                throw TemplateError(
                    .value, "this is no time", at: "variable 'now'", advice: "Write it as 2026-01-02T03:04:05")
            }
        }
        return try render(input, now: now, limits: limits)
    }

    /// Names that the template reads and does not define itself, sorted: "messages", "tools", "enable_thinking", …
    public var variables: [String] { parsed.variables }

    /// Whether the template reads this variable from its caller.
    public func reads(variable name: String) -> Bool { variables.contains { ByteString($0) == ByteString(name) } }

    /// Whether the template reads this attribute or constant key of anything: "tool_calls", "reasoning_content", …
    public func reads(attribute name: String) -> Bool { parsed.attributes.contains(ByteString(name)) }
}

/// A template after parsing, ready to run any number of times.
struct ParsedTemplate: Sendable {
    let body: [Statement]
    let source: [Unicode.Scalar]
    /// Variables' names by their numbers.
    let names: [String]
    let variables: [String]
    let attributes: Set<ByteString>
    // The numbers of names that the interpreter itself sets.
    let loopName: Int?
    let callerName: Int?
    let restName: Int?
    let keywordsName: Int?

    init(source text: String, limits: TemplateLimits) throws(TemplateError) {
        var parser = try Parser(source: text, limits: limits)
        body = try parser.template()
        source = parser.source
        names = parser.names
        attributes = parser.attributes
        loopName = parser.ids[ByteString("loop")]
        callerName = parser.ids[ByteString("caller")]
        restName = parser.ids[ByteString("varargs")]
        keywordsName = parser.ids[ByteString("kwargs")]
        var free = FreeVariables()
        free.visit(body)
        variables = free.names.filter { !Globals.names.contains($0) }.sorted()
    }
}
