import SwiftletGround

/// A message's content: a text, or a list of parts.
enum OpenAIContent {
    /// The text of a member; parts are put on lines of their own, as llama.cpp and vLLM do. Nil if there is none.
    static func text(_ fields: Fields, _ key: String) throws -> String? {
        guard let value = fields.value(key) else { return nil }
        if let text = value.string { return text }
        guard value.array != nil else {
            throw RequestProblem(.type(expected: .string, found: JSONKind(value)), at: fields.path.key(key))
        }
        return try fields.list(key)?.map(part).joined(separator: "\n")
    }

    private static func part(_ fields: Fields) throws -> String {
        let type = try fields.required("type", fields.string("type"))
        switch type {
        case "text", "input_text", "output_text", "reasoning_text", "summary_text":
            return try fields.required("text", fields.string("text"))
        case "refusal": return try fields.required("refusal", fields.string("refusal"))
        case "image_url", "input_image", "input_audio", "video_url", "file", "input_file":
            throw fields.problem("type", "this model reads text only; '\(type)' cannot be given to it")
        default:
            throw RequestProblem(
                .choice(found: type, allowed: ["text", "image_url", "input_audio", "refusal", "file"]),
                at: fields.path.key("type"))
        }
    }
}
