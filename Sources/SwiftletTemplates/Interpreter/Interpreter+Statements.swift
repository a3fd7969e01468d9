extension Interpreter {
    enum Flow {
        case goesOn, breaks, continues
    }

    func run(_ statements: [Statement]) throws(TemplateError) -> Flow {
        for statement in statements {
            let flow = try run(statement)
            if flow != .goesOn { return flow }
        }
        return .goesOn
    }

    private func run(_ statement: Statement) throws(TemplateError) -> Flow {
        try enter()
        defer { leave() }
        position = statement.position
        switch statement.node {
        case .text(let text): try write(text)
        case .output(let expressions):
            for expression in expressions { try write(try text(try evaluate(expression))) }
        case .condition(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue { return try run(branch.body) }
            return try run(otherwise)
        case .loop(let loop): try run(loop, over: try evaluate(loop.iterable), depth: 0)
        case .set(let target, let value): try assign(try evaluate(value), to: target)
        case .setBlock(let target, let filter, let body):
            var value = TemplateValue.string(try captured(body))
            if let filter { value = try evaluate(filter, piped: value) }
            try assign(value, to: target)
        case .macro(let name, let macro): scope.set(name.id, closure(macro))
        case .call(let call, let body): try write(try text(try evaluate(call, caller: closure(body))))
        case .filter(let filter, let body):
            try write(try text(try evaluate(filter, piped: .string(try captured(body)))))
        case .with(let assignments, let body):
            let values = try assignments.map { (assignment) throws(TemplateError) in try evaluate(assignment.value) }
            try inScope(Scope(parent: scope)) { () throws(TemplateError) in
                for (assignment, value) in zip(assignments, values) { try assign(value, to: assignment.target) }
                _ = try run(body)
            }
        case .scope(let body):
            try inScope(Scope(parent: scope)) { () throws(TemplateError) in _ = try run(body) }
        case .breakLoop: return .breaks
        case .continueLoop: return .continues
        case .unsupported(let tag):
            throw failure(.unsupported, "'\(tag)' loads another template, which a chat template cannot")
        }
        return .goesOn
    }

    /// A macro with the variables around it, which it goes on seeing.
    private func closure(_ macro: Macro) -> TemplateValue {
        if capturedScopes.last !== scope { capturedScopes.append(scope) }
        return .function(TemplateFunction(.macro(macro, scope)))
    }

    private func captured(_ body: [Statement]) throws(TemplateError) -> String {
        try captured { () throws(TemplateError) in
            try inScope(Scope(parent: scope)) { () throws(TemplateError) in _ = try run(body) }
        }
    }

    func inScope(_ inner: Scope, _ body: () throws(TemplateError) -> Void) throws(TemplateError) {
        let outer = scope
        scope = inner
        defer { scope = outer }
        try body()
    }

    func assign(_ value: TemplateValue, to target: Target) throws(TemplateError) {
        switch target {
        case .name(let name): scope.set(name.id, value)
        case .tuple(let targets):
            let values = try elements(of: value)
            guard values.count == targets.count else {
                throw failure(.value, "\(values.count) values cannot be assigned to \(targets.count) names")
            }
            for (target, value) in zip(targets, values) { try assign(value, to: target) }
        case .member(let name, let attribute):
            guard case .namespace(let namespace) = variable(name) else {
                throw failure(.type, "'\(name.text)' is no namespace, so nothing can be assigned to its attributes")
            }
            var builder = TemplateDictionaryBuilder(namespace.attributes)
            try charge(steps: builder.entries.count)
            builder.set(attribute, value)
            namespace.attributes = builder.make()
        }
    }

    /// Runs a loop, inside `depth` calls of itself; each round has variables of its own, as in Jinja2.
    func run(_ loop: Loop, over iterable: TemplateValue, depth: Int) throws(TemplateError) {
        var items = try elements(of: iterable)
        let outer = scope
        defer { scope = outer }
        scope = Scope(parent: outer)
        if let condition = loop.condition {
            var kept: [TemplateValue] = []
            for item in items {
                try assign(item, to: loop.target)
                if try evaluate(condition).isTrue { kept.append(item) }
            }
            items = kept
        }
        if items.isEmpty {
            scope.clear()
            _ = try run(loop.otherwise)
            return
        }
        let state = LoopState(items: items, depth: depth, recursion: loop.isRecursive ? (loop, outer) : nil)
        for (index, item) in items.enumerated() {
            try charge()
            // A macro of the last round may still hold its scope.
            if isKnownUniquelyReferenced(&scope) { scope.clear() } else { scope = Scope(parent: outer) }
            state.index = index
            if let id = template.loopName { scope.set(id, .loop(state)) }
            try assign(item, to: loop.target)
            if try run(loop.body) == .breaks { break }
        }
    }
}

extension TemplateDictionaryBuilder {
    init(_ dictionary: TemplateDictionary) {
        self.init()
        for entry in dictionary.entries {
            if case .string(let key) = entry.key { set(key, entry.value) }
        }
    }
}
