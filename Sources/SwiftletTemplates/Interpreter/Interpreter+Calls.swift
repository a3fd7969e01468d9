import SwiftletGround

extension Interpreter {
    func call(_ callee: TemplateValue, _ arguments: CallArguments) throws(TemplateError) -> TemplateValue {
        switch callee {
        case .loop(let state):
            guard let recursion = state.recursion else { throw failure(.type, "the loop is not recursive") }
            let iterable = try bind(arguments, "iterable").required(0)
            return .string(
                try captured { () throws(TemplateError) in
                    try inScope(recursion.scope) { () throws(TemplateError) in
                        try run(recursion.loop, over: iterable, depth: state.depth + 1)
                    }
                })
        case .function(let function):
            switch function.kind {
            case .global(let name): return try callGlobal(name, arguments)
            case .macro(let macro, let scope): return try call(macro, scope, arguments)
            case .method(let receiver, let name): return try callMethod(name, of: receiver, arguments)
            case .joiner(let joiner):
                defer { joiner.isUsed = true }
                return joiner.isUsed ? joiner.separator : .string("")
            case .cycler: throw wrongType("a call", callee)
            }
        default: throw wrongType("a call", callee)
        }
    }

    private func call(
        _ macro: Macro, _ definition: Scope, _ arguments: CallArguments
    ) throws(TemplateError) -> TemplateValue {
        let inner = Scope(parent: definition)
        var positional = arguments.positional[...]
        var keywords = TemplateDictionaryBuilder()
        var caller: TemplateValue = .undefined(.name("caller"))
        var named: [ByteString: TemplateValue] = [:]
        for (name, value) in arguments.keywords { named[ByteString(name)] = value }
        return .string(
            try captured { () throws(TemplateError) in
                try inScope(inner) { () throws(TemplateError) in
                    for parameter in macro.parameters {
                        let name = parameter.name
                        let keyword = named.removeValue(forKey: ByteString(name.text))
                        if let value = positional.popFirst() {
                            guard keyword == nil else {
                                throw failure(.type, "the argument '\(name.text)' is given twice")
                            }
                            inner.set(name.id, value)
                        } else if let keyword {
                            inner.set(name.id, keyword)
                        } else if let standard = parameter.standard {
                            inner.set(name.id, try evaluate(standard))
                        } else {
                            inner.set(name.id, .undefined(.parameter(name.text)))
                        }
                    }
                    if macro.takesCaller, let value = named.removeValue(forKey: ByteString("caller")) { caller = value }
                    for (name, value) in arguments.keywords where named[ByteString(name)] != nil {
                        guard macro.takesKeywords else {
                            throw failure(.type, "macro '\(macro.name)' takes no argument '\(name)'")
                        }
                        keywords.set(name, value)
                    }
                    guard positional.isEmpty || macro.takesRest else {
                        throw failure(
                            .type, "macro '\(macro.name)' takes at most \(macro.parameters.count) arguments")
                    }
                    if macro.takesCaller, let id = template.callerName { inner.set(id, caller) }
                    if macro.takesRest, let id = template.restName { inner.set(id, try tuple(Array(positional))) }
                    if macro.takesKeywords, let id = template.keywordsName {
                        inner.set(id, try dictionary(keywords))
                    }
                    _ = try run(macro.body)
                }
            })
    }

    private func callMethod(
        _ name: String, of receiver: TemplateValue, _ arguments: CallArguments
    ) throws(TemplateError) -> TemplateValue {
        switch receiver {
        case .string(let text):
            guard let method = StringMethods.table[name] else { throw undefined(.attribute(name)) }
            return try method(self, text, arguments)
        case .dictionary(let dictionary): return try callMethod(name, of: dictionary, receiver, arguments)
        case .list(let list), .tuple(let list):
            if name == "copy" { return receiver }
            let wanted = try bind(arguments, "value").required(0)
            var count = 0
            for (index, element) in list.elements.enumerated() where try equals(element, wanted) {
                if name == "index" { return .integer(index) }
                count += 1
            }
            if name == "index" { throw failure(.value, "the value is not in the list") }
            return .integer(count)
        case .loop(let state):
            if name == "cycle" {
                guard !arguments.positional.isEmpty else { throw failure(.type, "no items for cycling given") }
                return arguments.positional[state.index % arguments.positional.count]
            }
            let last = state.last
            state.last = arguments.positional
            guard let last else { return .boolean(true) }
            return .boolean(!(try equals(.list(TemplateList(last)), .list(TemplateList(arguments.positional)))))
        case .function(let function):
            guard case .cycler(let cycler) = function.kind else { throw undefined(.attribute(name)) }
            if name == "reset" {
                cycler.position = 0
                return .null
            }
            defer { cycler.position = (cycler.position + 1) % cycler.items.elements.count }
            return cycler.items.elements[cycler.position]
        default: throw undefined(.attribute(name))
        }
    }

    private func callMethod(
        _ name: String, of dictionary: TemplateDictionary, _ receiver: TemplateValue, _ arguments: CallArguments
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "get":
            let bound = try bind(arguments, "key", "default")
            return dictionary[try key(try bound.required(0))] ?? bound[1] ?? .null
        case "copy": return receiver
        case "keys":
            _ = try bind(arguments)
            return try sequence(.keys, dictionary.entries.map(\.key))
        case "values":
            _ = try bind(arguments)
            return try sequence(.values, dictionary.entries.map(\.value))
        default:
            _ = try bind(arguments)
            return try sequence(.items, try pairs(dictionary))
        }
    }

    func pairs(_ dictionary: TemplateDictionary) throws(TemplateError) -> [TemplateValue] {
        try charge(elements: 2 * dictionary.entries.count)
        return dictionary.entries.map { .tuple(TemplateList([$0.key, $0.value])) }
    }
}
