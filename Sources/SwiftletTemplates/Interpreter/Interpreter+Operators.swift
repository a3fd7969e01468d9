import SwiftletGround

extension Interpreter {
    func negated(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch value {
        case .integer(let value) where value != .min: return .integer(-value)
        case .integer: throw tooLarge()
        case .float(let value): return .float(-value)
        case .boolean(let flag): return .integer(flag ? -1 : 0)
        default: throw wrongType("unary -", value)
        }
    }

    func tooLarge() -> TemplateError { failure(.limit, "an integer does not fit 64 bits") }

    func apply(
        _ kind: BinaryOperator, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        if let a = left.asInteger, let b = right.asInteger { return try apply(kind, a, b) }
        if let a = left.asDouble, let b = right.asDouble { return try apply(kind, a, b) }
        switch (kind, left, right) {
        case (.add, .string(let a), .string(let b)):
            try charge(bytes: a.utf8.count + b.utf8.count)
            return .string(a + b)
        case (.add, .list(let a), .list(let b)): return try list(a.elements + b.elements)
        case (.add, .tuple(let a), .tuple(let b)): return try tuple(a.elements + b.elements)
        case (.multiply, .string(let text), let count), (.multiply, let count, .string(let text)):
            guard let count = count.asInteger else { break }
            try charge(bytes: try product(text.utf8.count, count))
            return .string(String(repeating: text, count: text.isEmpty ? 0 : max(0, count)))
        case (.multiply, .list(let items), let count), (.multiply, let count, .list(let items)):
            guard let count = count.asInteger else { break }
            return .list(TemplateList(try repeated(items.elements, count)))
        case (.multiply, .tuple(let items), let count), (.multiply, let count, .tuple(let items)):
            guard let count = count.asInteger else { break }
            return .tuple(TemplateList(try repeated(items.elements, count)))
        case (.modulo, .string(let format), _):
            if case .tuple(let values) = right {
                return try string(try percentFormat(format, values.elements, mapping: nil))
            }
            if case .dictionary = right { return try string(try percentFormat(format, [right], mapping: right)) }
            return try string(try percentFormat(format, [right], mapping: nil))
        default: break
        }
        throw wrongType("'\(kind.rawValue)'", left, right)
    }

    private func product(_ size: Int, _ count: Int) throws(TemplateError) -> Int {
        let (result, overflow) = size.multipliedReportingOverflow(by: max(0, count))
        return overflow ? .max : result
    }

    private func repeated(_ items: [TemplateValue], _ count: Int) throws(TemplateError) -> [TemplateValue] {
        let size = try product(items.count, count)
        try charge(elements: size)
        guard size > 0 else { return [] }
        return Array(repeatElement(items, count: count).joined())
    }

    private func apply(_ kind: BinaryOperator, _ a: Int, _ b: Int) throws(TemplateError) -> TemplateValue {
        let result: (partialValue: Int, overflow: Bool)
        switch kind {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide:
            guard b != 0 else { throw dividedByZero() }
            return .float(Double(a) / Double(b))
        case .floorDivide, .modulo:
            guard b != 0 else { throw dividedByZero() }
            let division = a.dividedReportingOverflow(by: b)
            let remainder = a.remainderReportingOverflow(dividingBy: b)
            if division.overflow { throw tooLarge() }
            let floors = remainder.partialValue != 0 && (remainder.partialValue < 0) != (b < 0)
            if kind == .modulo { return .integer(remainder.partialValue + (floors ? b : 0)) }
            return .integer(division.partialValue - (floors ? 1 : 0))
        case .power:
            if b < 0 { return try apply(kind, Double(a), Double(b)) }
            return .integer(try power(a, b))
        }
        if result.overflow { throw tooLarge() }
        return .integer(result.partialValue)
    }

    private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> Int {
        if base == 0 || base == 1 { return exponent == 0 ? 1 : base }
        if base == -1 { return exponent % 2 == 0 ? 1 : -1 }
        var result = 1
        // At most 63 rounds, since a base of 2 or more overflows by then.
        for _ in 0..<exponent {
            let (product, overflow) = result.multipliedReportingOverflow(by: base)
            if overflow { throw tooLarge() }
            result = product
        }
        return result
    }

    private func apply(_ kind: BinaryOperator, _ a: Double, _ b: Double) throws(TemplateError) -> TemplateValue {
        switch kind {
        case .add: return .float(a + b)
        case .subtract: return .float(a - b)
        case .multiply: return .float(a * b)
        case .divide:
            guard b != 0 else { throw dividedByZero() }
            return .float(a / b)
        case .floorDivide, .modulo:
            guard b != 0 else { throw dividedByZero() }
            var remainder = a.truncatingRemainder(dividingBy: b)
            if remainder != 0, (remainder < 0) != (b < 0) { remainder += b }
            if kind == .modulo { return .float(remainder == 0 ? (b < 0 ? -0.0 : 0.0) : remainder) }
            return .float(((a - remainder) / b).rounded())
        case .power:
            let result = Numbers.power(a, b)
            if a == 0, b < 0 { throw dividedByZero() }
            guard result.isFinite || !a.isFinite || !b.isFinite else {
                throw failure(.value, "the result of '**' is too large or no real number")
            }
            return .float(result)
        }
    }

    private func dividedByZero() -> TemplateError { failure(.value, "division by zero") }

    // MARK: Comparison

    func compare(
        _ left: TemplateValue, _ comparison: Comparison, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch comparison {
        case .equal: try equals(left, right)
        case .notEqual: !(try equals(left, right))
        case .less: try isLess(left, right)
        case .greater: try isLess(right, left)
        case .lessOrEqual: if try isLess(left, right) { true } else { try equals(left, right) }
        case .greaterOrEqual: if try isLess(right, left) { true } else { try equals(left, right) }
        case .contained: try contains(right, left)
        case .notContained: !(try contains(right, left))
        }
    }

    func equals(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
        try charge()
        if let a = left.asInteger, let b = right.asInteger { return a == b }
        if let a = left.asDouble, let b = right.asDouble { return a == b }
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): return true
        case (.string(let a), .string(let b)):
            try charge(steps: min(a.utf8.count, b.utf8.count) / 64)
            return ByteString(a) == ByteString(b)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            if a === b { return true }
            guard a.elements.count == b.elements.count else { return false }
            for (a, b) in zip(a.elements, b.elements) where !(try equals(a, b)) { return false }
            return true
        case (.dictionary(let a), .dictionary(let b)):
            if a === b { return true }
            guard a.entries.count == b.entries.count else { return false }
            for entry in a.entries {
                guard let other = b[try key(entry.key)], try equals(entry.value, other) else { return false }
            }
            return true
        case (.sequence(let a), .sequence(let b)):
            if a === b { return true }
            guard a.kind == .range, b.kind == .range else { return false }
            return try equals(.list(a.elements), .list(b.elements))
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.loop(let a), .loop(let b)): return a === b
        case (.function(let a), .function(let b)): return a === b
        default: return false
        }
    }

    func isLess(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
        try charge()
        if let a = left.asInteger, let b = right.asInteger { return a < b }
        if let a = left.asDouble, let b = right.asDouble { return a < b }
        switch (left, right) {
        case (.string(let a), .string(let b)):
            try charge(steps: min(a.utf8.count, b.utf8.count) / 64)
            return ByteString(a) < ByteString(b)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            for (a, b) in zip(a.elements, b.elements) where !(try equals(a, b)) { return try isLess(a, b) }
            return a.elements.count < b.elements.count
        default: throw wrongType("'<'", left, right)
        }
    }

    func contains(_ container: TemplateValue, _ element: TemplateValue) throws(TemplateError) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = element else { throw wrongType("'in <str>'", element) }
            try charge(steps: text.utf8.count / 16)
            return Bytes.find(Array(part.utf8), in: Array(text.utf8)) != nil
        case .dictionary(let dictionary): return dictionary[try key(element)] != nil
        case .undefined: return false
        case .list, .tuple, .sequence:
            for candidate in try elements(of: container) where try equals(candidate, element) { return true }
            return false
        default: throw wrongType("'in'", container)
        }
    }
}

extension TemplateValue {
    /// Integers and truth values, which are integers in Python.
    var asInteger: Int? {
        switch self {
        case .integer(let value): value
        case .boolean(let flag): flag ? 1 : 0
        default: nil
        }
    }

    var asDouble: Double? {
        if case .float(let value) = self { value } else { asInteger.map(Double.init) }
    }
}
