import SwiftletEngine
import SwiftletLibrary
import SwiftletModels
import SwiftletTemplates

extension NamedModel {
    /// What the model was given beside its files: template, instructions, first turns, defaults of options.
    var settings: ModelSettings { manifest.settings ?? ModelSettings() }
}

extension LoadedModel {
    var settings: ModelSettings { manifest.settings ?? ModelSettings() }
}

extension ModelSettings {
    /// The template that takes the place of the file's own; nil for none.
    var promptTemplate: PromptTemplate? {
        get throws { try template.map { .go(try GoTemplate(source: $0)) } }
    }

    /// Turns that stand before every conversation.
    var firstTurns: [ChatMessage] { messages.map { ChatMessage(role: $0.role, content: $0.content) } }
}
