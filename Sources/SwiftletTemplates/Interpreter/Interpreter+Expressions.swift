import SwiftletGround

extension Interpreter {
    /// The value of an expression. `piped` goes into the first filter of a chain without an operand, `caller` into the
    /// outermost call.
    func evaluate(
        _ expression: Expression, piped: TemplateValue? = nil, caller: TemplateValue? = nil
    ) throws(TemplateError) -> TemplateValue {
        try enter()
        defer { leave() }
        switch expression.node {
        case .constant(let constant): return value(constant)
        case .name(let name): return variable(name)
        case .list, .tuple, .dictionary, .concatenation: return try collection(expression)
        case .negate, .plus, .binary, .comparison: return try arithmetic(expression)
        case .not, .and, .or, .conditional: return try logic(expression)
        case .attribute, .item, .slice: return try access(expression)
        case .call, .filter, .test: return try application(expression, piped, caller)
        }
    }

    // Each kind in a function of its own keeps the stack frame of `evaluate` small, which bounds how deep it can go.

    private func collection(_ expression: Expression) throws(TemplateError) -> TemplateValue {
        switch expression.node {
        case .list(let items): return try list(try evaluate(all: items))
        case .tuple(let items): return try tuple(try evaluate(all: items))
        case .dictionary(let items):
            var builder = TemplateDictionaryBuilder()
            for item in items {
                let key = try evaluate(item.key)
                builder.set(try self.key(key), key, try evaluate(item.value))
            }
            return try dictionary(builder)
        case .concatenation(let parts):
            var result = ""
            for part in parts { result += try text(try evaluate(part)) }
            return try string(result)
        default: return .null
        }
    }

    private func arithmetic(_ expression: Expression) throws(TemplateError) -> TemplateValue {
        switch expression.node {
        case .negate(let operand):
            let value = try evaluate(operand)
            position = expression.position
            return try negated(value)
        case .plus(let operand):
            let value = try evaluate(operand)
            position = expression.position
            if let number = value.asInteger { return .integer(number) }
            guard case .float = value else { throw wrongType("unary +", value) }
            return value
        case .binary(let kind, let left, let right):
            let left = try evaluate(left)
            let right = try evaluate(right)
            position = expression.position
            return try apply(kind, left, right)
        case .comparison(let first, let rest):
            var left = try evaluate(first)
            for (comparison, next) in rest {
                let right = try evaluate(next)
                position = expression.position
                if !(try compare(left, comparison, right)) { return .boolean(false) }
                left = right
            }
            return .boolean(true)
        default: return .null
        }
    }

    private func logic(_ expression: Expression) throws(TemplateError) -> TemplateValue {
        switch expression.node {
        case .not(let operand): return .boolean(!(try evaluate(operand).isTrue))
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .conditional(let condition, let then, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(then) }
            if let otherwise { return try evaluate(otherwise) }
            return .undefined(.name("the inline if's else"))
        default: return .null
        }
    }

    private func access(_ expression: Expression) throws(TemplateError) -> TemplateValue {
        switch expression.node {
        case .attribute(let operand, let name):
            let value = try evaluate(operand)
            position = expression.position
            return try attribute(name, of: value)
        case .item(let operand, let index):
            let value = try evaluate(operand)
            let index = try evaluate(index)
            position = expression.position
            return try item(index, of: value)
        case .slice(let operand, let start, let stop, let step):
            let value = try evaluate(operand)
            var bounds: [TemplateValue] = []
            for bound in [start, stop, step] {
                if let bound { bounds.append(try evaluate(bound)) } else { bounds.append(.null) }
            }
            position = expression.position
            return try slice(value, bounds[0], bounds[1], bounds[2])
        default: return .null
        }
    }

    private func application(
        _ expression: Expression, _ piped: TemplateValue?, _ caller: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        switch expression.node {
        case .call(let callee, let arguments):
            let function = try evaluate(callee)
            var values = try evaluate(arguments)
            if let caller { values.keywords.append(("caller", caller)) }
            position = expression.position
            return try call(function, values)
        case .filter(let operand, let name, let arguments):
            let value: TemplateValue
            if let operand { value = try evaluate(operand, piped: piped) } else { value = piped ?? .null }
            let values = try evaluate(arguments)
            position = expression.position
            return try filter(name, value, values)
        case .test(let operand, let name, let arguments):
            let value = try evaluate(operand)
            let values = try evaluate(arguments)
            position = expression.position
            return .boolean(try test(name, value, values))
        default: return .null
        }
    }

    private func value(_ constant: Constant) -> TemplateValue {
        switch constant {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .float(let value): .float(value)
        case .string(let value): .string(value)
        }
    }

    func variable(_ name: Name) -> TemplateValue {
        scope.get(name.id) ?? context[name.id] ?? .undefined(.name(name.text))
    }

    private func evaluate(all expressions: [Expression]) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private func evaluate(_ arguments: Arguments) throws(TemplateError) -> CallArguments {
        var values = CallArguments()
        values.positional = try evaluate(all: arguments.positional)
        for keyword in arguments.keywords { values.keywords.append((keyword.name, try evaluate(keyword.value))) }
        if let rest = arguments.rest { values.positional += try elements(of: try evaluate(rest)) }
        if let rest = arguments.keywordRest {
            guard case .dictionary(let dictionary) = try evaluate(rest) else {
                throw failure(.type, "the argument after ** must be a dictionary")
            }
            for entry in dictionary.entries {
                guard case .string(let name) = entry.key else { throw failure(.type, "keywords must be strings") }
                values.keywords.append((name, entry.value))
            }
        }
        return values
    }

    func undefined(_ reason: Undefined) -> TemplateError { failure(.undefined, reason.problem) }

    func wrongType(_ operation: String, _ values: TemplateValue...) -> TemplateError {
        for case .undefined(let reason) in values { return undefined(reason) }
        let types = values.map { "'\($0.typeName)'" }.joined(separator: " and ")
        return failure(.type, "\(operation) does not take \(types)")
    }

    /// The key of a dictionary for a value; a list or dictionary cannot be one.
    func key(_ value: TemplateValue) throws(TemplateError) -> TemplateKey {
        try charge()
        switch value {
        case .null: return .null
        case .boolean(let flag): return .integer(flag ? 1 : 0)
        case .integer(let value): return .integer(value)
        case .float(let value): return Int(exactly: value).map { .integer($0) } ?? .float(value)
        case .string(let text):
            try charge(steps: text.utf8.count / 64)
            return .string(ByteString(text))
        case .tuple(let list):
            var keys: [TemplateKey] = []
            for element in list.elements { keys.append(try key(element)) }
            try charge(bytes: 32 * keys.count)
            return .tuple(keys)
        default: throw wrongType("a key", value)
        }
    }

    /// What a loop goes through; a string gives its characters, a dictionary its keys.
    func elements(of value: TemplateValue) throws(TemplateError) -> [TemplateValue] {
        switch value {
        case .list(let list), .tuple(let list): return list.elements
        case .dictionary(let dictionary):
            try charge(elements: dictionary.entries.count)
            return dictionary.entries.map(\.key)
        case .sequence(let sequence): return sequence.take()
        case .string(let text):
            try charge(elements: text.utf8.count)
            return text.unicodeScalars.map { .string(String($0)) }
        case .undefined: return []
        default: throw wrongType("a loop", value)
        }
    }
}
