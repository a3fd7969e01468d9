/// Something that a template can call.
final class TemplateFunction {
    enum Kind {
        case global(String)
        case macro(Macro, Scope)
        case method(TemplateValue, String)
        case joiner(Joiner)
        case cycler(Cycler)

        var typeName: String {
            switch self {
            case .global: "function"
            case .macro: "Macro"
            case .method: "builtin_function_or_method"
            case .joiner: "Joiner"
            case .cycler: "Cycler"
            }
        }
    }

    let kind: Kind
    let depth: Int

    init(_ kind: Kind) {
        self.kind = kind
        switch kind {
        case .method(let receiver, _): depth = receiver.depth + 1
        case .cycler(let cycler): depth = cycler.items.depth
        default: depth = 0
        }
    }
}

/// `joiner(", ")`: empty at the first call, the separator after.
final class Joiner {
    let separator: TemplateValue
    var isUsed = false

    init(separator: TemplateValue) {
        self.separator = separator
    }
}

/// `cycler("a", "b")`: its items in turn.
final class Cycler {
    let items: TemplateList
    var position = 0

    init(items: TemplateList) {
        self.items = items
    }
}
