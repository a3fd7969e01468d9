public import SwiftletGround

/// What a model was given beside its files: a Modelfile's commands, or a create request's fields.
public struct ModelSettings: Sendable, Hashable {
    /// A prompt template in Go's form, which takes the place of the file's own.
    public var template: String?
    public var system: String?
    /// Options by Ollama's names: numbers, booleans, and a list of texts for `stop`.
    public var parameters: JSONObject
    /// Said before every conversation.
    public var messages: [Message]
    /// Texts of licenses.
    public var licenses: [String]
    /// Paths of adapters, as they were given.
    public var adapters: [String]
    /// The name of the model that this one was made from.
    public var parent: String?
    /// The version of Ollama that the model asks for.
    public var requires: String?

    public struct Message: Codable, Sendable, Hashable {
        public let role: String
        public let content: String

        public init(role: String, content: String) {
            self.role = role
            self.content = content
        }
    }

    public init(
        template: String? = nil, system: String? = nil, parameters: JSONObject = JSONObject(), messages: [Message] = [],
        licenses: [String] = [], adapters: [String] = [], parent: String? = nil, requires: String? = nil
    ) {
        self.template = template
        self.system = system
        self.parameters = parameters
        self.messages = messages
        self.licenses = licenses
        self.adapters = adapters
        self.parent = parent
        self.requires = requires
    }

    /// These settings over those of the model that they are based on: what is set here replaces, parameters one by one;
    /// licenses are added.
    public func over(_ base: ModelSettings?) -> ModelSettings {
        guard let base else { return self }
        var merged = self
        merged.template = template ?? base.template
        merged.system = system ?? base.system
        merged.requires = requires ?? base.requires
        merged.parameters = base.parameters
        for member in parameters.members { merged.parameters[member.key] = member.value }
        if messages.isEmpty { merged.messages = base.messages }
        if adapters.isEmpty { merged.adapters = base.adapters }
        merged.licenses = base.licenses + licenses.filter { !base.licenses.contains($0) }
        return merged
    }

    /// As commands of a Modelfile, in the order in which `ollama show` writes them.
    public var commands: [Modelfile.Command] {
        var found: [Modelfile.Instruction] = adapters.map { .adapter($0) }
        if let template { found.append(.template(template)) }
        if let system { found.append(.system(system)) }
        for member in parameters.members {
            for value in member.value.array ?? [member.value] {
                found.append(.parameter(name: member.key, value: value.string ?? value.text()))
            }
        }
        found += licenses.map { .license($0) }
        found += messages.map { .message(role: $0.role, content: $0.content) }
        if let requires { found.append(.requires(requires)) }
        return found.map { Modelfile.Command($0) }
    }
}
