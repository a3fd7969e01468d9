import SwiftletGround

/// Go's own functions and those that Ollama adds.
enum GoFunctions {
    static let names: Set<String> = [
        "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len", "index", "slice", "print", "printf", "println",
        "html", "js", "urlquery", "json", "currentDate", "yesterdayDate", "toTypeScriptType",
    ]
}

extension GoInterpreter {
    /// A function's result; `last` is what stands before `|`, the last argument.
    mutating func call(
        _ name: String, _ operands: [GoOperand], _ dot: GoValue, last: GoValue?, at place: Int
    ) throws(TemplateError) -> GoValue {
        if name == "and" || name == "or" {
            // These two look at no more arguments than they need.
            var value: GoValue?
            for operand in operands {
                let found = try evaluate(operand, dot, at: place)
                if found.isTrue == (name == "or") { return found }
                value = found
            }
            guard let value = last ?? value else { throw wrongCount(name, at: place) }
            return value
        }
        var values: [GoValue] = []
        for operand in operands { values.append(try evaluate(operand, dot, at: place)) }
        if let last { values.append(last) }
        switch name {
        case "not":
            guard values.count == 1 else { throw wrongCount(name, at: place) }
            return .bool(!values[0].isTrue)
        case "eq":
            guard values.count > 1 else { throw wrongCount(name, at: place) }
            for value in values.dropFirst() where try areEqual(values[0], value, at: place) { return .bool(true) }
            return .bool(false)
        case "ne", "lt", "le", "gt", "ge":
            guard values.count == 2 else { throw wrongCount(name, at: place) }
            return .bool(try compare(name, values[0], values[1], at: place))
        case "len":
            guard values.count == 1 else { throw wrongCount(name, at: place) }
            return .int(try length(values[0], at: place))
        case "index": return try index(values, at: place)
        case "slice": return try slice(values, at: place)
        case "print", "println", "printf": return try printed(name, values, at: place)
        case "json":
            guard values.count == 1 else { throw wrongCount(name, at: place) }
            return try made(values[0].json.goText)
        case "html", "js", "urlquery": return try made(escaped(name, values.goText))
        case "toTypeScriptType":
            guard values.count == 1 else { throw wrongCount(name, at: place) }
            return .string(values[0].typeScriptType)
        default: return .string(date(daysAgo: name == "yesterdayDate" ? 1 : 0))
        }
    }

    private mutating func made(_ text: String) throws(TemplateError) -> GoValue {
        try charge(text.utf8.count)
        return .string(text)
    }

    private mutating func printed(
        _ name: String, _ values: [GoValue], at place: Int
    ) throws(TemplateError) -> GoValue {
        switch name {
        case "print": return try made(values.goText)
        case "println": return try made(values.map(\.text).joined(separator: " ") + "\n")
        default:
            guard case .string(let format)? = values.first else {
                throw failure(.type, "printf needs a format", at: place)
            }
            guard let text = GoFormat(format, Array(values.dropFirst())).text(most: limits.outputBytes) else {
                throw failure(.limit, "printf makes more than \(limits.outputBytes) bytes", at: place)
            }
            return try made(text)
        }
    }

    // MARK: comparison

    private func areEqual(_ left: GoValue, _ right: GoValue, at place: Int) throws(TemplateError) -> Bool {
        switch (left, right) {
        case (.none, .none): return true
        case (.none, _), (_, .none): return false
        case (.bool(let a), .bool(let b)): return a == b
        case (.string(let a), .string(let b)): return ByteString(a) == ByteString(b)
        case (.int(let a), .int(let b)): return a == b
        case (.int, .float), (.float, .int), (.float, .float): return left.number == right.number
        // A type of one name, as a parameter's type is written, compares as this name.
        case (.list(_, .text(let a)), .string(let b)), (.string(let a), .list(_, .text(let b))):
            return ByteString(a) == ByteString(b)
        default: throw failure(.type, "a \(left.kind) cannot be compared with a \(right.kind)", at: place)
        }
    }

    private func compare(
        _ name: String, _ left: GoValue, _ right: GoValue, at place: Int
    ) throws(TemplateError) -> Bool {
        if name == "ne" { return !(try areEqual(left, right, at: place)) }
        let isLess: Bool
        let isEqual: Bool
        switch (left, right) {
        case (.string(let a), .string(let b)):
            (isLess, isEqual) = (ByteString(a) < ByteString(b), ByteString(a) == ByteString(b))
        case (.int(let a), .int(let b)): (isLess, isEqual) = (a < b, a == b)
        default:
            guard let a = left.number, let b = right.number else {
                throw failure(.type, "a \(left.kind) has no order beside a \(right.kind)", at: place)
            }
            (isLess, isEqual) = (a < b, a == b)
        }
        switch name {
        case "lt": return isLess
        case "le": return isLess || isEqual
        case "gt": return !isLess && !isEqual
        default: return !isLess
        }
    }

    // MARK: parts

    private func length(_ value: GoValue, at place: Int) throws(TemplateError) -> Int {
        switch value {
        case .string(let text): return text.utf8.count
        case .list(let elements, _): return elements.count
        case .map(let map): return map.entries.count
        default: throw failure(.type, "a \(value.kind) has no length", at: place)
        }
    }

    private func index(_ values: [GoValue], at place: Int) throws(TemplateError) -> GoValue {
        guard var value = values.first else { throw wrongCount("index", at: place) }
        for key in values.dropFirst() {
            switch (value, key) {
            case (.list(let elements, _), .int(let index)):
                guard (0..<elements.count).contains(index) else {
                    throw failure(.value, "index \(index) is out of \(elements.count)", at: place)
                }
                value = elements[elements.startIndex + index]
            case (.string(let text), .int(let index)):
                let bytes = text.utf8
                guard (0..<bytes.count).contains(index) else {
                    throw failure(.value, "index \(index) is out of \(bytes.count)", at: place)
                }
                value = .int(Int(bytes[bytes.index(bytes.startIndex, offsetBy: index)]))
            case (.map(let map), .string(let key)): value = map[key] ?? .none
            default: throw failure(.type, "a \(value.kind) cannot be indexed by a \(key.kind)", at: place)
            }
        }
        return value
    }

    private mutating func slice(_ values: [GoValue], at place: Int) throws(TemplateError) -> GoValue {
        guard let value = values.first, values.count <= 4 else { throw wrongCount("slice", at: place) }
        let count = try length(value, at: place)
        var bounds: [Int] = []
        for bound in values.dropFirst() {
            guard case .int(let bound) = bound, (0...count).contains(bound) else {
                throw failure(.value, "a bound of slice is out of \(count)", at: place)
            }
            bounds.append(bound)
        }
        let start = bounds.first ?? 0
        let end = bounds.count > 1 ? bounds[1] : count
        guard start <= end else { throw failure(.value, "the bounds of slice are out of order", at: place) }
        switch value {
        case .string(let text):
            try charge(end - start)
            return .string(String(decoding: text.utf8.dropFirst(start).prefix(end - start), as: UTF8.self))
        case .list(let elements, _): return .list(elements.dropFirst(start).prefix(end - start))
        default: throw failure(.type, "a \(value.kind) cannot be sliced", at: place)
        }
    }

    private func wrongCount(_ name: String, at place: Int) -> TemplateError {
        failure(.type, "\(name) has the wrong number of arguments", at: place)
    }

    /// A day as 2026-01-02.
    private func date(daysAgo: Int) -> String {
        var day = now ?? .current()
        for _ in 0..<daysAgo {
            day.day -= 1
            if day.day == 0 {
                day.month -= 1
                if day.month == 0 { (day.year, day.month) = (day.year - 1, 12) }
                day.day = TemplateTime.days(day.year, day.month)
            }
        }
        return day.formatted("%Y-%m-%d")
    }
}

extension GoValue {
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// The TypeScript type of a parameter's schema.
    fileprivate var typeScriptType: String {
        guard case .object(let schema) = self, case .list(let types, _)? = schema["Type"] else { return "any" }
        if case .list(let choices, _)? = schema["AnyOf"], !choices.isEmpty {
            return choices.map(\.typeScriptType).joined(separator: " | ")
        }
        let names = types.map { type in
            switch type.text {
            case "string": "string"
            case "number", "integer": "number"
            case "boolean": "boolean"
            case "array": "any[]"
            case "object": "Record<string, any>"
            case "null": "null"
            default: "any"
            }
        }
        return names.isEmpty ? "any" : names.joined(separator: " | ")
    }
}

extension [GoValue] {
    /// As Go's `fmt.Sprint`: a space between operands of which neither is a string.
    var goText: String {
        var text = ""
        var wasString = true
        for value in self {
            let isString = if case .string = value { true } else { false }
            if !wasString, !isString { text += " " }
            text += value.text
            wasString = isString
        }
        return text
    }
}
