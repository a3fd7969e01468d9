import SwiftletGround

/// Messages as templates get them.
enum Turn {
    /// All system texts, and the messages with neighbours of one role joined (but tools' answers).
    static func collate(_ messages: [JSONValue]) -> (system: [String], messages: [JSONValue]) {
        var system: [String] = []
        var collated: [JSONObject] = []
        /// Texts of the last message, joined once it is whole.
        var texts: [String] = []
        func close() {
            if texts.count > 1 { collated[collated.count - 1]["content"] = .string(texts.joined(separator: "\n\n")) }
        }
        for message in messages {
            guard let object = message.object else { continue }
            let role = object["role"]?.string ?? ""
            let content = GoInput.content(message)
            if role == "system" { system.append(content) }
            if let last = collated.last, ByteString(last["role"]?.string ?? "") == ByteString(role), role != "tool" {
                texts.append(content)
            } else {
                close()
                collated.append(object)
                texts = [content]
            }
        }
        close()
        return (system, collated.map { .object($0) })
    }
}

extension GoTemplate {
    /// A template of old, which knows one turn: each turn of the conversation is rendered, the last one up to its answer.
    func renderTurns(
        _ messages: [JSONValue], _ thinking: Thinking, _ interpreter: inout GoInterpreter
    ) throws(TemplateError) {
        var (system, prompt, response) = ("", "", "")
        func data() -> GoValue {
            thinking.data([
                ("System", .string(system)), ("Prompt", .string(prompt)), ("Response", .string(response)),
            ])
        }
        for message in messages {
            let content = GoInput.content(message)
            switch message["role"]?.string {
            case "system":
                if !prompt.isEmpty || !response.isEmpty {
                    try interpreter.run(root, data: data())
                    (prompt, response) = ("", "")
                }
                system = content
            case "user":
                if !response.isEmpty {
                    try interpreter.run(root, data: data())
                    (system, response) = ("", "")
                }
                prompt = content
            case "assistant": response = content
            default: break
            }
        }
        var isCut = false
        try interpreter.run(Self.cut(root, &isCut), data: data())
    }

    /// The nodes up to the first that prints `.Response`.
    private static func cut(_ nodes: [GoNode], _ isCut: inout Bool) -> [GoNode] {
        var kept: [GoNode] = []
        for node in nodes where !isCut {
            switch node {
            case .branch(let branch):
                let body = cut(branch.body, &isCut)
                let otherwise = isCut ? [] : cut(branch.otherwise, &isCut)
                kept.append(
                    .branch(GoBranch(kind: branch.kind, pipe: branch.pipe, body: body, otherwise: otherwise)))
            case .action(let pipe):
                isCut = pipe.commands.contains { $0.operands.contains(where: printsResponse) }
                kept.append(node)
            default: kept.append(node)
            }
        }
        return kept
    }

    private static func printsResponse(_ operand: GoOperand) -> Bool {
        switch operand {
        case .field(let fields): fields.contains("Response")
        case .pipe(let pipe, _): pipe.commands.contains { $0.operands.contains(where: printsResponse) }
        default: false
        }
    }
}
