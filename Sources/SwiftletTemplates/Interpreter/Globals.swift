enum Globals {
    /// What a template can call without anybody giving it.
    static let names: Set<String> = [
        "range", "dict", "namespace", "joiner", "cycler", "raise_exception", "strftime_now",
    ]

    /// Methods that Jinja2's immutable sandbox refuses.
    static let listMutations: Set<String> = [
        "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
    ]
    static let dictionaryMutations: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]

    /// The longest range that Jinja2's sandbox makes.
    static let longestRange = 100_000
}

extension Interpreter {
    func callGlobal(_ name: String, _ arguments: CallArguments) throws(TemplateError) -> TemplateValue {
        switch name {
        case "range": return try range(arguments)
        case "dict": return try dictionary(try makeDictionary(arguments))
        case "namespace":
            let namespace = TemplateNamespace(try makeDictionary(arguments).make())
            try charge(elements: 4 + namespace.attributes.entries.count)
            namespaces.append(namespace)
            return .namespace(namespace)
        case "joiner":
            let bound = try bind(arguments, "sep")
            return .function(TemplateFunction(.joiner(Joiner(separator: bound[0] ?? .string(", ")))))
        case "cycler":
            guard !arguments.positional.isEmpty else { throw failure(.type, "a cycler needs items") }
            return try bounded(
                .function(TemplateFunction(.cycler(Cycler(items: TemplateList(arguments.positional))))))
        case "raise_exception":
            let message = try bind(arguments, "message").required(0)
            throw failure(.raised, try text(message))
        default:
            let format = try bind(arguments, "format").required(0)
            guard case .string(let format) = format else { throw wrongType("strftime_now", format) }
            try charge(bytes: 64 * format.utf8.count)
            return try string((now ?? .current()).formatted(format))
        }
    }

    private func range(_ arguments: CallArguments) throws(TemplateError) -> TemplateValue {
        let bounds = try arguments.positional.map { (value) throws(TemplateError) -> Int in
            guard let number = value.asInteger else { throw wrongType("range", value) }
            return number
        }
        guard (1...3).contains(bounds.count), arguments.keywords.isEmpty else {
            throw failure(.type, "range takes one to three integers")
        }
        let start = bounds.count > 1 ? bounds[0] : 0
        let stop = bounds.count > 1 ? bounds[1] : bounds[0]
        let step = bounds.count > 2 ? bounds[2] : 1
        guard step != 0 else { throw failure(.value, "the step of a range cannot be 0") }
        let (distance, overflow) = stop.subtractingReportingOverflow(start)
        let isEmpty = distance == 0 || (distance < 0) == (step > 0)
        guard !overflow, isEmpty || distance.magnitude / step.magnitude < UInt(Globals.longestRange) else {
            throw failure(.limit, "a range is longer than \(Globals.longestRange)")
        }
        return try sequence(.range, isEmpty ? [] : stride(from: start, to: stop, by: step).map { .integer($0) })
    }

    /// The entries that `dict(mapping, a=1)` and `namespace(mapping, a=1)` make.
    private func makeDictionary(_ arguments: CallArguments) throws(TemplateError) -> TemplateDictionaryBuilder {
        guard arguments.positional.count <= 1 else { throw failure(.type, "at most one mapping is taken") }
        var builder = TemplateDictionaryBuilder()
        if let first = arguments.positional.first {
            for (key, value) in try pairs(of: first) { builder.set(try self.key(key), key, value) }
        }
        for (name, value) in arguments.keywords { builder.set(name, value) }
        try charge(elements: builder.entries.count)
        return builder
    }

    private func pairs(of value: TemplateValue) throws(TemplateError) -> [TemplateDictionary.Entry] {
        if case .dictionary(let dictionary) = value { return dictionary.entries }
        if case .namespace(let namespace) = value { return namespace.attributes.entries }
        return try elements(of: value).map { (pair) throws(TemplateError) -> TemplateDictionary.Entry in
            let parts = try elements(of: pair)
            guard parts.count == 2 else { throw failure(.value, "a pair is expected") }
            return (parts[0], parts[1])
        }
    }
}
