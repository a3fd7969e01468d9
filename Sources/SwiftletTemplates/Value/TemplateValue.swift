/// A value of the running template, with Python's types as Jinja2 sees them.
///
/// Lists, tuples and dictionaries never change once made (Hugging Face's sandbox refuses every mutation), so sharing
/// them is safe; only namespaces, loops, generators, joiners and cyclers have a state.
enum TemplateValue {
    case undefined(Undefined)
    case null
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case list(TemplateList)
    case tuple(TemplateList)
    case dictionary(TemplateDictionary)
    case sequence(TemplateSequence)
    case namespace(TemplateNamespace)
    case loop(LoopState)
    case function(TemplateFunction)

    /// Nesting of lists and dictionaries.
    var depth: Int {
        switch self {
        case .list(let list), .tuple(let list): list.depth
        case .dictionary(let dictionary): dictionary.depth
        case .sequence(let sequence): sequence.elements.depth
        case .function(let function): function.depth
        default: 0
        }
    }

    /// Python's name of the type.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .null: "NoneType"
        case .boolean: "bool"
        case .integer: "int"
        case .float: "float"
        case .string: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dictionary: "dict"
        case .sequence(let sequence): sequence.kind.rawValue
        case .namespace: "Namespace"
        case .loop: "LoopContext"
        case .function(let function): function.kind.typeName
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// Python's truth: empty things, zero, none and undefined are false.
    var isTrue: Bool {
        switch self {
        case .undefined, .null: false
        case .boolean(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let list), .tuple(let list): !list.elements.isEmpty
        case .dictionary(let dictionary): !dictionary.entries.isEmpty
        case .sequence(let sequence): sequence.kind == .generator || !sequence.elements.elements.isEmpty
        case .namespace, .loop, .function: true
        }
    }
}

/// Why a value is not defined; it is told when the value is used.
enum Undefined {
    case name(String)
    case attribute(String)
    case element
    case parameter(String)
    /// An access that the sandbox refuses.
    case refused(String)

    var problem: String {
        switch self {
        case .name(let name): "'\(name)' is undefined"
        case .attribute(let name): "there is no attribute '\(name)'"
        case .element: "there is no such element"
        case .parameter(let name): "parameter '\(name)' was not provided"
        case .refused(let name): "access to attribute '\(name)' is unsafe"
        }
    }
}

/// The elements of a list or tuple.
final class TemplateList {
    let elements: [TemplateValue]
    let depth: Int

    init(_ elements: [TemplateValue]) {
        self.elements = elements
        var deepest = 0
        for element in elements { deepest = max(deepest, element.depth) }
        depth = deepest + 1
    }
}

/// Ranges, dictionary views, and what filters such as `map` give.
final class TemplateSequence {
    enum Kind: String {
        case range, generator
        case keys = "dict_keys"
        case values = "dict_values"
        case items = "dict_items"
    }

    let kind: Kind
    let elements: TemplateList
    /// The first element that a generator has not yet given away.
    private var position = 0

    init(_ kind: Kind, _ elements: [TemplateValue]) {
        self.kind = kind
        self.elements = TemplateList(elements)
    }

    /// The elements to go through; a generator gives each only once.
    func take(atMost count: Int = .max) -> [TemplateValue] {
        guard kind == .generator else { return elements.elements }
        let rest = elements.elements[position...].prefix(count)
        position += rest.count
        return Array(rest)
    }
}

final class TemplateNamespace {
    var attributes: TemplateDictionary

    init(_ attributes: TemplateDictionary) {
        self.attributes = attributes
    }
}
