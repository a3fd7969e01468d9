extension Interpreter {
    /// `value.name`: Python's attribute first, then the element.
    func attribute(_ name: String, of value: TemplateValue) throws(TemplateError) -> TemplateValue {
        if let member = try member(name, of: value) { return member }
        if case .dictionary(let dictionary) = value, let element = dictionary[name] { return element }
        return .undefined(.attribute(name))
    }

    /// `value[index]`: the element first, then Python's attribute if the index is a string.
    func item(_ index: TemplateValue, of value: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch value {
        case .undefined(let reason): throw undefined(reason)
        case .dictionary(let dictionary):
            switch index {
            // Python cannot hash these, and Jinja2 takes that for a missing element.
            case .list, .dictionary, .namespace, .sequence, .loop, .function, .undefined: return .undefined(.element)
            default: if let element = dictionary[try key(index)] { return element }
            }
        case .list(let list), .tuple(let list):
            if let place = index.asInteger { return element(place, of: list.elements) }
        case .sequence(let sequence) where sequence.kind == .range:
            if let place = index.asInteger { return element(place, of: sequence.elements.elements) }
        case .string(let text):
            if let place = index.asInteger {
                try charge(steps: text.utf8.count / 64)
                let scalars = text.unicodeScalars
                let end = place < 0 ? scalars.endIndex : scalars.startIndex
                let limit = place < 0 ? scalars.startIndex : scalars.endIndex
                guard let found = scalars.index(end, offsetBy: place, limitedBy: limit), found < scalars.endIndex else {
                    return .undefined(.element)
                }
                return .string(String(scalars[found]))
            }
        default: break
        }
        if case .string(let name) = index, let member = try member(name, of: value) { return member }
        return .undefined(.element)
    }

    private func element(_ place: Int, of elements: [TemplateValue]) -> TemplateValue {
        let (index, overflow) = place < 0 ? place.addingReportingOverflow(elements.count) : (place, false)
        guard !overflow, elements.indices.contains(index) else { return .undefined(.element) }
        return elements[index]
    }

    /// What Python's `getattr` finds, under the rules of Jinja2's immutable sandbox.
    private func member(_ name: String, of value: TemplateValue) throws(TemplateError) -> TemplateValue? {
        func method() -> TemplateValue { .function(TemplateFunction(.method(value, name))) }
        if name.hasPrefix("__") { return .undefined(.refused(name)) }
        switch value {
        case .undefined(let reason): throw undefined(reason)
        case .string: return StringMethods.table[name] == nil ? nil : try bounded(method())
        case .list:
            if Globals.listMutations.contains(name) { return .undefined(.refused(name)) }
            return ["count", "index", "copy"].contains(name) ? try bounded(method()) : nil
        case .tuple: return ["count", "index"].contains(name) ? try bounded(method()) : nil
        case .dictionary:
            if Globals.dictionaryMutations.contains(name) { return .undefined(.refused(name)) }
            return ["items", "keys", "values", "get", "copy"].contains(name) ? try bounded(method()) : nil
        case .namespace(let namespace): return namespace.attributes[name]
        case .loop(let state): return try loopMember(name, of: state, method())
        case .integer, .float: return name == "real" ? value : nil
        case .function(let function): return functionMember(name, of: function, method())
        case .null, .sequence, .boolean: return nil
        }
    }

    private func loopMember(
        _ name: String, of loop: LoopState, _ method: TemplateValue
    ) throws(TemplateError) -> TemplateValue? {
        let count = loop.items.count
        switch name {
        case "index": return .integer(loop.index + 1)
        case "index0": return .integer(loop.index)
        case "revindex": return .integer(count - loop.index)
        case "revindex0": return .integer(count - loop.index - 1)
        case "first": return .boolean(loop.index == 0)
        case "last": return .boolean(loop.index == count - 1)
        case "length": return .integer(count)
        case "depth": return .integer(loop.depth + 1)
        case "depth0": return .integer(loop.depth)
        case "previtem": return loop.index > 0 ? loop.items[loop.index - 1] : .undefined(.attribute(name))
        case "nextitem": return loop.index + 1 < count ? loop.items[loop.index + 1] : .undefined(.attribute(name))
        case "cycle", "changed": return method
        default: return nil
        }
    }

    private func functionMember(
        _ name: String, of function: TemplateFunction, _ method: TemplateValue
    ) -> TemplateValue? {
        switch (function.kind, name) {
        case (.macro(let macro, _), "name"): .string(macro.name)
        case (.macro(let macro, _), "arguments"):
            .tuple(TemplateList(macro.parameters.map { .string($0.name.text) }))
        case (.macro(let macro, _), "catch_kwargs"): .boolean(macro.takesKeywords)
        case (.macro(let macro, _), "catch_varargs"): .boolean(macro.takesRest)
        case (.macro(let macro, _), "caller"): .boolean(macro.takesCaller)
        case (.cycler, "next"), (.cycler, "reset"): method
        case (.cycler(let cycler), "current"): cycler.items.elements[cycler.position]
        default: nil
        }
    }

    /// `value[start:stop:step]`.
    func slice(
        _ value: TemplateValue, _ start: TemplateValue, _ stop: TemplateValue, _ step: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        if case .undefined(let reason) = value { throw undefined(reason) }
        let bounds = try [start, stop, step].map { (bound) throws(TemplateError) -> Int? in
            if case .null = bound { return nil }
            guard let number = bound.asInteger else { throw wrongType("a slice", bound) }
            return number
        }
        func picked<Element>(_ elements: [Element]) throws(TemplateError) -> [Element] {
            guard let places = Self.places(bounds[0], bounds[1], bounds[2] ?? 1, count: elements.count) else {
                throw failure(.value, "the step of a slice cannot be 0")
            }
            try charge(elements: places.count)
            return places.map { elements[$0] }
        }
        switch value {
        case .string(let text):
            try charge(steps: text.utf8.count / 16)
            return try string(String(scalars: try picked(Array(text.unicodeScalars))))
        case .list(let list): return .list(TemplateList(try picked(list.elements)))
        case .tuple(let list): return .tuple(TemplateList(try picked(list.elements)))
        case .sequence(let sequence) where sequence.kind == .range:
            return .sequence(TemplateSequence(.range, try picked(sequence.elements.elements)))
        default: return .undefined(.element)
        }
    }

    /// The places that a slice of `count` elements takes, by Python's rules; nil for a step of 0.
    private static func places(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) -> [Int]? {
        guard step != 0 else { return nil }
        func held(_ bound: Int, _ low: Int, _ high: Int) -> Int {
            min(max(bound < 0 ? max(bound, -count - 1) + count : bound, low), high)
        }
        let (low, high) = step > 0 ? (0, count) : (-1, count - 1)
        let from = start.map { held($0, low, high) } ?? (step > 0 ? 0 : count - 1)
        let to = stop.map { held($0, low, high) } ?? (step > 0 ? count : -1)
        let held = step > 0 ? min(step, count + 1) : max(step, -count - 1)
        return Array(stride(from: from, to: to, by: held))
    }
}
