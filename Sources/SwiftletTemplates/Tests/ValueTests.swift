import SwiftletGround

extension Interpreter {
    /// `value is name(arguments)`.
    func test(_ name: String, _ value: TemplateValue, _ arguments: CallArguments) throws(TemplateError) -> Bool {
        if let operation = Self.comparisons[name] {
            return try compare(value, operation, try bind(arguments, "other").required(0))
        }
        switch name {
        case "divisibleby":
            let divisor = try bind(arguments, "num").required(0)
            guard let remainder = try apply(.modulo, value, divisor).asDouble else {
                throw wrongType("divisibleby", value)
            }
            return remainder == 0
        case "sameas": return isSame(value, try bind(arguments, "other").required(0))
        default: break
        }
        _ = try bind(arguments)
        switch name {
        case "defined": return !value.isUndefined
        case "undefined": return value.isUndefined
        case "none":
            if case .null = value { return true }
            return false
        case "boolean":
            if case .boolean = value { return true }
            return false
        case "true":
            if case .boolean(true) = value { return true }
            return false
        case "false":
            if case .boolean(false) = value { return true }
            return false
        case "integer":
            if case .integer = value { return true }
            return false
        case "float":
            if case .float = value { return true }
            return false
        case "number": return value.asDouble != nil
        case "string":
            if case .string = value { return true }
            return false
        case "mapping":
            if case .dictionary = value { return true }
            return false
        case "sequence": return isSequence(value)
        case "iterable": return isIterable(value)
        case "callable":
            switch value {
            case .undefined, .function: return true
            case .loop: return true
            default: return false
            }
        case "odd", "even":
            guard let remainder = try apply(.modulo, value, .integer(2)).asDouble else { throw wrongType(name, value) }
            return remainder == (name == "odd" ? 1 : 0)
        case "lower", "upper":
            guard let method = StringMethods.table["is" + name] else { return false }
            return try method(self, try text(value), CallArguments()).isTrue
        case "escaped": return false
        case "filter":
            guard case .string(let name) = value else { return false }
            return Filters.table[name] != nil
        case "test":
            guard case .string(let name) = value else { return false }
            return Self.comparisons[name] != nil || Self.names.contains(name)
        default: throw failure(.syntax, "there is no test '\(name)'")
        }
    }

    private static let comparisons: [String: Comparison] = [
        "eq": .equal, "equalto": .equal, "==": .equal, "ne": .notEqual, "!=": .notEqual,
        "lt": .less, "lessthan": .less, "<": .less, "le": .lessOrEqual, "<=": .lessOrEqual,
        "gt": .greater, "greaterthan": .greater, ">": .greater, "ge": .greaterOrEqual, ">=": .greaterOrEqual,
        "in": .contained,
    ]

    private static let names: Set<String> = [
        "divisibleby", "sameas", "defined", "undefined", "none", "boolean", "true", "false", "integer", "float",
        "number", "string", "mapping", "sequence", "iterable", "callable", "odd", "even", "lower", "upper", "escaped",
        "filter", "test",
    ]

    /// What has a length and elements by number; an undefined value claims so too, as in Jinja2.
    private func isSequence(_ value: TemplateValue) -> Bool {
        switch value {
        case .undefined, .string, .list, .tuple, .dictionary: true
        case .sequence(let sequence): sequence.kind == .range
        default: false
        }
    }

    private func isIterable(_ value: TemplateValue) -> Bool {
        switch value {
        case .sequence, .loop: true
        default: isSequence(value)
        }
    }

    private func isSame(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        switch (left, right) {
        case (.null, .null), (.undefined, .undefined): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.string(let a), .string(let b)): ByteString(a) == ByteString(b)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): a === b
        case (.dictionary(let a), .dictionary(let b)): a === b
        case (.sequence(let a), .sequence(let b)): a === b
        case (.namespace(let a), .namespace(let b)): a === b
        default: false
        }
    }
}
