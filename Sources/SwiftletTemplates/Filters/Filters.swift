/// The filters of Jinja2 that make sense in a chat template, by name.
enum Filters {
    typealias Filter = @Sendable (Interpreter, TemplateValue, CallArguments) throws(TemplateError) -> TemplateValue

    static let table: [String: Filter] = [text, lists, selections, values].reduce(into: [:]) { all, some in
        all.merge(some) { first, _ in first }
    }
}

extension Interpreter {
    func filter(
        _ name: String, _ value: TemplateValue, _ arguments: CallArguments
    ) throws(TemplateError) -> TemplateValue {
        guard let filter = Filters.table[name] else { throw failure(.syntax, "there is no filter '\(name)'") }
        if case .undefined(.refused(let name)) = value { throw undefined(.refused(name)) }
        try charge()
        return try filter(self, value, arguments)
    }

    /// What Jinja2's `attribute=` reads: "a.b.0" goes step by step; nil reads the element itself.
    func getter(_ attribute: TemplateValue?, standard: TemplateValue? = nil)
        throws(TemplateError) -> (TemplateValue) throws(TemplateError) -> TemplateValue
    {
        let path: [TemplateValue]
        switch attribute {
        case .string(let text)?:
            path = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
                Int(part).map { .integer($0) } ?? .string(String(part))
            }
        case .integer?: path = [attribute].compactMap(\.self)
        default: return { (value) throws(TemplateError) in value }
        }
        try charge(steps: path.count)
        return { [self] (value) throws(TemplateError) in
            var value = value
            for part in path {
                try charge()
                value = try item(part, of: value)
                if case .undefined = value, let standard { value = standard }
            }
            return value
        }
    }

    /// Elements in order; equal ones keep theirs. `key` is read once for each.
    func sorted(
        _ elements: [TemplateValue], ignoringCase: Bool, descending: Bool = false,
        by key: (TemplateValue) throws(TemplateError) -> TemplateValue
    ) throws(TemplateError) -> [TemplateValue] {
        var keyed: [(offset: Int, key: TemplateValue, value: TemplateValue)] = []
        for (offset, element) in elements.enumerated() {
            keyed.append((offset, try folded(try key(element), ignoringCase: ignoringCase), element))
        }
        try charge(elements: 2 * keyed.count)
        do {
            try keyed.sort { left, right in
                if try isLess(left.key, right.key) { return !descending }
                if try isLess(right.key, left.key) { return descending }
                return left.offset < right.offset
            }
        } catch let error as TemplateError {
            throw error
        } catch {
            throw failure(.type, "the values cannot be sorted")
        }
        return keyed.map(\.value)
    }

    func folded(_ value: TemplateValue, ignoringCase: Bool) throws(TemplateError) -> TemplateValue {
        if ignoringCase, case .string(let text) = value { return try string(text.lowercased()) }
        return value
    }
}
