import SwiftletGround
import SwiftletModels
import SwiftletTemplates
import SwiftletTokenizers

extension ChatModel {
    /// The text that the model sees of a conversation, up to where its answer begins.
    ///
    /// Throws `noTemplate` if the model has none, and what the template itself refuses.
    public func render(_ request: ChatRequest) throws -> String {
        guard let template else {
            throw EngineError(
                .noTemplate, "the model has no chat template",
                advice: "Use its completions, or give it a template")
        }
        var messages = request.messages
        // An answer that has begun stands after the prompt as it is.
        let beginning = request.continuesLastMessage && messages.last?.role == "assistant" ? messages.removeLast() : nil
        var tools = request.toolChoice == .none ? [] : request.tools
        if case .named(let name) = request.toolChoice { tools.removeAll { !$0.name.utf8.elementsEqual(name.utf8) } }
        if !tools.isEmpty, !supportsTools {
            messages = messages.withSystem(ToolInstructions.text(for: tools))
            messages = messages.map(\.withoutCallMembers)
            tools = []
        }
        var variables = request.variables
        if let thinking = request.thinking { variables["enable_thinking"] = .bool(thinking) }
        let contents = PromptContents(messages: messages, tools: tools, variables: variables)
        let prompt: String
        do {
            prompt = try render(contents, template)
        } catch let error as TemplateError where error.code == .raised && messages.first?.role == "system" {
            // Templates without a system turn (Gemma's) refuse one: its text goes before the user's.
            guard let joined = messages.joiningSystem() else { throw error }
            prompt = try render(PromptContents(messages: joined, tools: tools, variables: variables), template)
        }
        return prompt + (beginning?.content ?? "")
    }

    private func render(_ contents: PromptContents, _ template: PromptTemplate) throws -> String {
        switch template {
        case .jinja(let template): try contents.render(template, tokenizer.vocabulary)
        case .go(let template):
            try template.render(
                messages: contents.messages.map(\.json), tools: contents.tools.map(\.json),
                think: contents.variables["enable_thinking"]?.bool,
                thinkLevel: contents.variables["reasoning_effort"]?.string ?? "")
        }
    }
}

/// What a template is given.
struct PromptContents {
    var messages: [ChatMessage]
    var tools: [ToolDefinition]
    var variables: JSONObject

    func render(_ template: ChatTemplate, _ vocabulary: Vocabulary) throws(TemplateError) -> String {
        var all = JSONObject([
            ("messages", .array(messages.map(\.json))), ("add_generation_prompt", .bool(true)),
            ("bos_token", .string(vocabulary.beginningText)), ("eos_token", .string(vocabulary.endText)),
        ])
        // Templates ask whether there are tools at all.
        if !tools.isEmpty { all["tools"] = .array(tools.map(\.json)) }
        for member in variables.members { all[member.key] = member.value }
        return try template.render(all)
    }
}

extension [ChatMessage] {
    /// Adds a text to the instructions before the conversation.
    fileprivate func withSystem(_ text: String) -> Self {
        guard let first, first.role == "system" else { return [ChatMessage(role: "system", content: text)] + self }
        var result = self
        result[0].content += "\n\n" + text
        return result
    }

    /// The instructions at the head of the user's first message; nil if no user follows them.
    fileprivate func joiningSystem() -> Self? {
        guard let system = first, dropFirst().first?.role == "user" else { return nil }
        var result = Array(dropFirst())
        result[0].content = system.content + "\n\n" + result[0].content
        return result
    }
}

extension ChatMessage {
    /// The message for a template that knows no tools: calls and their answers as text, in the form of `ToolInstructions`.
    fileprivate var withoutCallMembers: ChatMessage {
        if role == "tool" {
            return ChatMessage(role: "user", content: "<tool_response>\n\(content)\n</tool_response>")
        }
        let calls = toolCalls.map { call in
            let object: JSONValue = ["name": .string(call.name), "arguments": call.arguments]
            return "<tool_call>\n\(object.text(.python))\n</tool_call>"
        }
        return ChatMessage(
            role: role, content: ([content] + calls).filter { !$0.isEmpty }.joined(separator: "\n"),
            reasoning: reasoning)
    }
}

/// How a model that was not trained for tools is told of them.
enum ToolInstructions {
    static func text(for tools: [ToolDefinition]) -> String {
        """
        You may call functions. These are their signatures, one a line:
        <tools>
        \(tools.map { $0.json.text(.python) }.joined(separator: "\n"))
        </tools>
        To call one, answer with its name and arguments as JSON between tags, and nothing else:
        <tool_call>
        {"name": "the function's name", "arguments": {"argument": "value"}}
        </tool_call>
        """
    }
}
