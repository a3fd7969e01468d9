extension Filters {
    static let selections: [String: Filter] = [
        "map": { (run, value, arguments) throws(TemplateError) in
            if arguments.positional.isEmpty {
                let bound = try run.bind(arguments, "attribute", "default")
                guard let attribute = bound[0] else { throw run.failure(.type, "map needs a filter or an attribute") }
                let read = try run.getter(attribute, standard: bound[1])
                var mapped: [TemplateValue] = []
                for element in try candidates(run, value) { mapped.append(try read(element)) }
                return try run.sequence(.generator, mapped)
            }
            var rest = arguments
            guard case .string(let name) = rest.positional.removeFirst() else {
                throw run.failure(.type, "map needs the name of a filter")
            }
            var mapped: [TemplateValue] = []
            for element in try candidates(run, value) { mapped.append(try run.filter(name, element, rest)) }
            return try run.sequence(.generator, mapped)
        },
        "select": selecting(true, byAttribute: false), "reject": selecting(false, byAttribute: false),
        "selectattr": selecting(true, byAttribute: true), "rejectattr": selecting(false, byAttribute: true),
    ]

    /// What `map` and `select` go through; Jinja2 takes anything empty, none and 0 included, for no elements.
    private static func candidates(
        _ run: Interpreter, _ value: TemplateValue
    ) throws(TemplateError) -> [TemplateValue] {
        value.isTrue ? try run.elements(of: value) : []
    }

    private static func selecting(_ keeps: Bool, byAttribute: Bool) -> Filter {
        { (run, value, arguments) throws(TemplateError) in
            var rest = arguments
            var read: (TemplateValue) throws(TemplateError) -> TemplateValue = { (value) throws(TemplateError) in value
            }
            if byAttribute {
                guard !rest.positional.isEmpty else { throw run.failure(.type, "the name of an attribute is missing") }
                read = try run.getter(rest.positional.removeFirst())
            }
            var name: String?
            if !rest.positional.isEmpty {
                guard case .string(let test) = rest.positional.removeFirst() else {
                    throw run.failure(.type, "the name of a test is expected")
                }
                name = test
            }
            var kept: [TemplateValue] = []
            for element in try candidates(run, value) {
                let candidate = try read(element)
                let holds = if let name { try run.test(name, candidate, rest) } else { candidate.isTrue }
                try run.charge()
                if holds == keeps { kept.append(element) }
            }
            return try run.sequence(.generator, kept)
        }
    }
}
