/// How a model writes tool calls, for a grammar that forces one: `opening`, then calls with `separator` between them,
/// then `closing`.
///
/// `AnswerParser` reads back what follows the form. Some models (LFM2, Gemma, Qwen3-Coder) write arguments in other
/// ways of their own; forced calls hold JSON, which their parsers accept too.
public struct CallForm: Sendable, Hashable {
    /// A part of one call.
    public enum Piece: Sendable, Hashable {
        case text(String)
        /// The tool's name, as it is.
        case name
        /// A JSON object after the tool's schema.
        case arguments
    }

    public let opening: String
    public let call: [Piece]
    /// What stands between two calls; nil if there can be one only.
    public let separator: String?
    public let closing: String
    /// The text with which every call begins and which says, once it has been written, that a call follows.
    public let trigger: String

    public var allowsParallel: Bool { separator != nil }

    /// A call as a JSON object with the members "name" and, under the given key, the arguments.
    static func object(arguments key: String) -> [Piece] {
        [.text("{\"name\": \""), .name, .text("\", \"\(key)\": "), .arguments, .text("}")]
    }
}

extension AnswerStyle {
    /// How a call is written; nil for a style without tools.
    public var callForm: CallForm? {
        let object = CallForm.object(arguments: "arguments")
        switch calls {
        case nil: return nil
        case .tags:
            return CallForm(
                opening: "", call: [.text("<tool_call>\n")] + object + [.text("\n</tool_call>")], separator: "\n",
                closing: "", trigger: "<tool_call>")
        case .bare:
            return CallForm(
                opening: "", call: CallForm.object(arguments: "parameters"), separator: nil, closing: "",
                trigger: "{\"name\": \"")
        case .mistral(let isNamed):
            return isNamed
                ? CallForm(
                    opening: "", call: [.text("[TOOL_CALLS]"), .name, .text("[ARGS]"), .arguments], separator: "",
                    closing: "", trigger: "[TOOL_CALLS]")
                : CallForm(
                    opening: "[TOOL_CALLS][", call: object, separator: ", ", closing: "]", trigger: "[TOOL_CALLS]")
        case .granite:
            return CallForm(
                opening: "<|tool_call|>[", call: object, separator: ", ", closing: "]", trigger: "<|tool_call|>")
        case .pythonic:
            return CallForm(
                opening: "<|tool_call_start|>[", call: object, separator: ", ", closing: "]<|tool_call_end|>",
                trigger: "<|tool_call_start|>")
        case .gemma(let tokens):
            return CallForm(
                opening: "", call: [.text(tokens.opener + "call:"), .name, .arguments, .text(tokens.closer)],
                separator: "", closing: "", trigger: tokens.opener)
        case .deepSeek(let isFenced):
            let call: [CallForm.Piece] =
                isFenced
                ? [
                    .text("<｜tool▁call▁begin｜>function<｜tool▁sep｜>"), .name, .text("\n```json\n"), .arguments,
                    .text("\n```<｜tool▁call▁end｜>"),
                ]
                : [
                    .text("<｜tool▁call▁begin｜>"), .name, .text("<｜tool▁sep｜>"), .arguments,
                    .text("<｜tool▁call▁end｜>"),
                ]
            return CallForm(
                opening: "<｜tool▁calls▁begin｜>", call: call, separator: isFenced ? "\n" : "",
                closing: "<｜tool▁calls▁end｜>", trigger: "<｜tool▁calls▁begin｜>")
        }
    }
}
