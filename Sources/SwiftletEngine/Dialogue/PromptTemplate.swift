public import SwiftletTemplates

/// How a conversation becomes the text that a model was trained on.
public enum PromptTemplate: Sendable {
    /// Jinja, as Hugging Face's checkpoints and GGUF files carry it.
    case jinja(ChatTemplate)
    /// Go's text/template, as Modelfiles have it.
    case go(GoTemplate)

    /// The template as it was written, from which an answer's form is told.
    public var source: String {
        switch self {
        case .jinja(let template): template.source
        case .go(let template): template.source
        }
    }

    /// Whether the template shows tools to the model.
    public var readsTools: Bool {
        switch self {
        case .jinja(let template): template.reads(variable: "tools")
        case .go(let template): template.reads("tools")
        }
    }
}
