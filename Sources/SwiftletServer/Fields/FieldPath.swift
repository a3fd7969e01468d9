/// Where in a request's body a value stands: `messages`, 0, `role`.
package struct FieldPath: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    package private(set) var steps: [Step] = []

    package init(_ keys: String...) { steps = keys.map(Step.key) }

    package func key(_ key: String) -> Self { appending(.key(key)) }
    package func index(_ index: Int) -> Self { appending(.index(index)) }

    private func appending(_ step: Step) -> Self {
        var path = self
        path.steps.append(step)
        return path
    }

    /// `messages[0].role`, as OpenAI names parameters.
    package var bracketed: String {
        steps.reduce(into: "") { text, step in
            switch step {
            case .key(let key): text += text.isEmpty ? key : "." + key
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    /// `messages.0.role`, as Anthropic names them.
    package var dotted: String {
        steps.map { step in
            switch step {
            case .key(let key): key
            case .index(let index): String(index)
            }
        }
        .joined(separator: ".")
    }
}
