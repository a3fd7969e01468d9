public import SwiftletGround
public import SwiftletTemplates
public import SwiftletTokenizers

extension LanguageModel {
    /// The tokens of a conversation as the model was trained to see it, up to where its answer begins.
    ///
    /// `template` replaces the file's own; `variables` are added to the template's (`tools`, `enable_thinking` ...).
    /// Throws `ModelError` if there is no template, and what the template itself raises.
    public func prompt(
        for messages: [ChatMessage], template: ChatTemplate? = nil, variables: JSONObject = JSONObject()
    ) throws -> [TokenID] {
        let tokenizer = try tokenizer
        let text = try render(messages, template: template, variables: variables)
        // A template that writes the beginning-of-sequence token itself must not get a second one.
        let beginning = tokenizer.vocabulary.beginningText
        let beginsItself = !beginning.isEmpty && text.utf8.starts(with: beginning.utf8)
        return tokenizer.encode(text, addSpecial: !beginsItself, parseSpecial: true)
    }

    /// The text of a conversation as the model was trained to see it.
    public func render(
        _ messages: [ChatMessage], template: ChatTemplate? = nil, variables: JSONObject = JSONObject()
    ) throws -> String {
        guard let template = try template ?? chatTemplate else {
            throw ModelError(
                .unsupported, "the model has no chat template",
                advice: "Give one, or run the prompt as it is with --raw")
        }
        let vocabulary = try tokenizer.vocabulary
        var all = JSONObject([
            ("messages", .array(messages.map(\.json))), ("add_generation_prompt", .bool(true)),
            ("bos_token", .string(vocabulary.beginningText)), ("eos_token", .string(vocabulary.endText)),
        ])
        for member in variables.members { all[member.key] = member.value }
        return try template.render(all)
    }
}

extension Vocabulary {
    /// The beginning-of-sequence token as text; empty if there is none.
    package var beginningText: String { special.beginningOfSequence.flatMap(text) ?? "" }
    /// The end-of-sequence token as text; empty if there is none.
    package var endText: String { special.endOfSequence.flatMap(text) ?? "" }
}
