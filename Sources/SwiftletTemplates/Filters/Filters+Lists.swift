import SwiftletGround

extension Filters {
    static let lists: [String: Filter] = [
        "join": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "d", "attribute")
            let separator = bound[0]
            let read = try run.getter(bound.given(1))
            var parts: [String] = []
            for element in try run.elements(of: value) { parts.append(try run.text(try read(element))) }
            return .string(try run.joined(parts, separator: separator.isNil ? "" : try run.text(separator ?? .null)))
        },
        "list": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            return try run.list(try run.elements(of: value))
        },
        "items": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            if value.isUndefined { return .list(TemplateList([])) }
            guard case .dictionary(let dictionary) = value else { throw run.wrongType("items", value) }
            return try run.sequence(.generator, try run.pairs(dictionary))
        },
        "first": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            if case .sequence(let sequence) = value { return sequence.take(atMost: 1).first ?? .undefined(.element) }
            return try run.elements(of: value).first ?? .undefined(.element)
        },
        "last": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            if case .sequence(let sequence) = value, sequence.kind == .generator {
                throw run.wrongType("last", value)
            }
            return try run.elements(of: value).last ?? .undefined(.element)
        },
        "length": length, "count": length,
        "reverse": { (run, value, arguments) throws(TemplateError) in
            _ = try run.bind(arguments)
            if case .string(let text) = value { return try run.string(String(scalars: text.unicodeScalars.reversed())) }
            return try run.sequence(.generator, try run.elements(of: value).reversed())
        },
        "sort": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "reverse", "case_sensitive", "attribute")
            var readers: [(TemplateValue) throws(TemplateError) -> TemplateValue] = []
            if case .string(let names)? = bound.given(2) {
                for name in names.split(separator: ",") { readers.append(try run.getter(.string(String(name)))) }
            } else {
                readers.append(try run.getter(bound.given(2)))
            }
            let ignoringCase = !bound.flag(1)
            let sorted = try run.sorted(
                try run.elements(of: value), ignoringCase: false, descending: bound.flag(0)
            ) { (element) throws(TemplateError) in
                var keys: [TemplateValue] = []
                for read in readers { keys.append(try run.folded(try read(element), ignoringCase: ignoringCase)) }
                return keys.count == 1 ? keys[0] : try run.tuple(keys)
            }
            return try run.list(sorted)
        },
        "dictsort": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "case_sensitive", "by", "reverse")
            guard case .dictionary(let dictionary) = value else { throw run.wrongType("dictsort", value) }
            let by = try bound.string(1, "key")
            guard by == "key" || by == "value" else { throw run.failure(.value, "dictsort sorts by key or value") }
            let index = by == "key" ? 0 : 1
            let sorted = try run.sorted(
                try run.pairs(dictionary), ignoringCase: !bound.flag(0), descending: bound.flag(2)
            ) { (pair) throws(TemplateError) in try run.item(.integer(index), of: pair) }
            return try run.list(sorted)
        },
        "unique": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "case_sensitive", "attribute")
            let read = try run.getter(bound.given(1))
            var seen: Set<TemplateKey> = []
            var kept: [TemplateValue] = []
            for element in try run.elements(of: value) {
                let key = try run.folded(try read(element), ignoringCase: !bound.flag(0))
                if seen.insert(try run.key(key)).inserted { kept.append(element) }
            }
            return try run.sequence(.generator, kept)
        },
        "groupby": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "attribute", "default", "case_sensitive")
            let read = try run.getter(try bound.required(0), standard: bound[1])
            let ignoringCase = !bound.flag(2)
            let sorted = try run.sorted(try run.elements(of: value), ignoringCase: ignoringCase, by: read)
            var groups: [(key: TemplateValue, folded: TemplateValue, members: [TemplateValue])] = []
            for element in sorted {
                let key = try read(element)
                let folded = try run.folded(key, ignoringCase: ignoringCase)
                if let last = groups.indices.last, try run.equals(groups[last].folded, folded) {
                    groups[last].members.append(element)
                } else {
                    groups.append((key, folded, [element]))
                }
            }
            var result: [TemplateValue] = []
            for group in groups { result.append(try run.tuple([group.key, try run.list(group.members)])) }
            return try run.list(result)
        },
        "min": extreme(largest: false), "max": extreme(largest: true),
        "sum": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "attribute", "start")
            let read = try run.getter(bound.given(0))
            var sum = bound[1] ?? .integer(0)
            for element in try run.elements(of: value) { sum = try run.apply(.add, sum, try read(element)) }
            return sum
        },
        "batch": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "linecount", "fill_with")
            let size = try bound.integer(0, 0)
            guard size > 0 else { throw run.failure(.value, "batch needs a size above 0") }
            let elements = try run.elements(of: value)
            var batches: [TemplateValue] = []
            for start in stride(from: 0, to: elements.count, by: size) {
                var batch = Array(elements[start..<min(elements.count - start, size) + start])
                if let fill = bound.given(1), batch.count < size {
                    try run.charge(elements: size - batch.count)
                    batch += repeatElement(fill, count: size - batch.count)
                }
                batches.append(try run.list(batch))
            }
            return try run.sequence(.generator, batches)
        },
        "slice": { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "slices", "fill_with")
            let count = try bound.integer(0, 0)
            guard count > 0 else { throw run.failure(.value, "slice needs a count above 0") }
            try run.charge(elements: count)
            let elements = try run.elements(of: value)
            let (size, extra) = elements.count.quotientAndRemainder(dividingBy: count)
            var slices: [TemplateValue] = []
            var start = 0
            for index in 0..<count {
                let end = start + size + (index < extra ? 1 : 0)
                var slice = Array(elements[start..<end])
                if let fill = bound.given(1), index >= extra { slice.append(fill) }
                slices.append(try run.list(slice))
                start = end
            }
            return try run.sequence(.generator, slices)
        },
    ]

    private static let length: Filter = { (run, value, arguments) throws(TemplateError) in
        _ = try run.bind(arguments)
        switch value {
        case .string(let text):
            try run.charge(steps: text.utf8.count / 64)
            return .integer(text.pythonCount)
        case .list(let list), .tuple(let list): return .integer(list.elements.count)
        case .dictionary(let dictionary): return .integer(dictionary.entries.count)
        case .sequence(let sequence) where sequence.kind != .generator:
            return .integer(sequence.elements.elements.count)
        case .loop(let state): return .integer(state.items.count)
        case .undefined: return .integer(0)
        default: throw run.wrongType("length", value)
        }
    }

    private static func extreme(largest: Bool) -> Filter {
        { (run, value, arguments) throws(TemplateError) in
            let bound = try run.bind(arguments, "case_sensitive", "attribute")
            let read = try run.getter(bound.given(1))
            var best: (key: TemplateValue, value: TemplateValue)?
            for element in try run.elements(of: value) {
                let key = try run.folded(try read(element), ignoringCase: !bound.flag(0))
                guard let current = best else {
                    best = (key, element)
                    continue
                }
                if largest ? try run.isLess(current.key, key) : try run.isLess(key, current.key) {
                    best = (key, element)
                }
            }
            return best?.value ?? .undefined(.element)
        }
    }
}

extension TemplateValue? {
    fileprivate var isNil: Bool {
        if case nil = self { true } else { false }
    }
}
