extension Parser {
    mutating func template() throws(TemplateError) -> [Statement] {
        let body = try statements(until: [])
        guard current.kind == .end else { throw unexpected("a statement") }
        return body
    }

    /// Statements up to `{% word` for one of the words, which stays current; or to the end if there are no words.
    mutating func statements(until words: [String]) throws(TemplateError) -> [Statement] {
        try enter()
        defer { depth -= 1 }
        let start = current.position
        var body: [Statement] = []
        while true {
            let position = current.position
            switch current.kind {
            case .data(let text):
                advance()
                body.append(Statement(node: .text(text), position: position))
            case .variableBegin:
                advance()
                let value = try tuple()
                try expect(.variableEnd, "'}}'")
                body.append(Statement(node: .output([value]), position: position))
            case .blockBegin:
                advance()
                if case .name(let name) = current.kind, words.contains(name) { return body }
                body.append(Statement(node: try block(), position: position))
                try expect(.blockEnd, "'%}'")
            case .end where words.isEmpty: return body
            default:
                let wanted = words.map { "'\($0)'" }.joined(separator: " or ")
                throw failure(.syntax, "the template ends where \(wanted) is expected", at: start)
            }
        }
    }

    /// The body of a block whose opening tag ends here, and the closing word.
    mutating func body(until words: String...) throws(TemplateError) -> [Statement] {
        // Jinja2 allows a colon here, as Python would want one.
        _ = takes(.colon)
        try expect(.blockEnd, "'%}'")
        return try statements(until: words)
    }

    private mutating func closedBody(_ word: String) throws(TemplateError) -> [Statement] {
        let body = try body(until: word)
        advance()
        return body
    }

    private mutating func block() throws(TemplateError) -> StatementNode {
        let start = current.position
        let tag = try word("a statement")
        switch tag {
        case "if": return try condition()
        case "for": return try loop()
        case "set": return try set()
        case "macro": return try macro()
        case "call": return try call()
        case "with": return try with()
        case "filter":
            var filter = try filter(nil, isFirst: true)
            while at(.pipe) { filter = try self.filter(filter) }
            return .filter(filter, body: try closedBody("endfilter"))
        case "print":
            var values = [try expression()]
            while takes(.comma) { values.append(try expression()) }
            return .output(values)
        case "generation": return .scope(try closedBody("endgeneration"))
        case "autoescape":
            _ = try expression()
            return .scope(try closedBody("endautoescape"))
        case "block":
            let name = try word()
            _ = takes(word: "scoped")
            _ = takes(word: "required")
            let body = try closedBody("endblock")
            _ = takes(word: name)
            return .scope(body)
        case "break", "continue":
            guard loops > 0 else { throw failure(.syntax, "'\(tag)' stands outside of a loop", at: start) }
            return tag == "break" ? .breakLoop : .continueLoop
        case "include", "import", "from", "extends":
            while current.kind != .blockEnd, current.kind != .end { advance() }
            return .unsupported(tag)
        default: throw failure(.syntax, "there is no statement '\(tag)'", at: start)
        }
    }

    private mutating func condition() throws(TemplateError) -> StatementNode {
        var branches: [(condition: Expression, body: [Statement])] = []
        while true {
            let condition = try tuple(withConditional: false)
            branches.append((condition, try body(until: "elif", "else", "endif")))
            if takes(word: "elif") { continue }
            let otherwise = takes(word: "else") ? try body(until: "endif") : []
            advance()
            return .condition(branches, otherwise: otherwise)
        }
    }

    private mutating func loop() throws(TemplateError) -> StatementNode {
        let target = try target(endsAt: "in")
        try expect(word: "in")
        let iterable = try tuple(withConditional: false, endsAt: ["recursive"])
        let condition = takes(word: "if") ? try expression() : nil
        let isRecursive = takes(word: "recursive")
        loops += 1
        let body = try body(until: "endfor", "else")
        loops -= 1
        let otherwise = takes(word: "else") ? try self.body(until: "endfor") : []
        advance()
        return .loop(
            Loop(
                target: target, iterable: iterable, condition: condition, isRecursive: isRecursive, body: body,
                otherwise: otherwise))
    }

    private mutating func set() throws(TemplateError) -> StatementNode {
        let target = try target(allowsMember: true)
        if takes(.assign) { return .set(target, try tuple()) }
        var filter: Expression?
        while at(.pipe) { filter = try self.filter(filter) }
        return .setBlock(target, filter: filter, body: try closedBody("endset"))
    }

    private mutating func with() throws(TemplateError) -> StatementNode {
        var assignments: [(target: Target, value: Expression)] = []
        while current.kind != .blockEnd {
            if !assignments.isEmpty { try expect(.comma) }
            let target = try oneTarget(allowsMember: false)
            try expect(.assign)
            assignments.append((target, try expression()))
        }
        return .with(assignments, body: try closedBody("endwith"))
    }

    private mutating func target(
        allowsMember: Bool = false, endsAt end: String? = nil
    ) throws(TemplateError) -> Target {
        let first = try oneTarget(allowsMember: allowsMember)
        guard at(.comma) else { return first }
        var items = [first]
        while takes(.comma) {
            if at(.assign) || at(.rightParenthesis) || current.kind == .blockEnd { break }
            if let end, at(word: end) { break }
            items.append(try oneTarget(allowsMember: allowsMember))
        }
        return .tuple(items)
    }

    private mutating func oneTarget(allowsMember: Bool) throws(TemplateError) -> Target {
        try enter()
        defer { depth -= 1 }
        if takes(.leftParenthesis) {
            let inner = try target(allowsMember: allowsMember)
            try expect(.rightParenthesis)
            return inner
        }
        let text = try word("a name to assign to")
        if allowsMember, takes(.dot) { return .member(name(text), try word()) }
        guard !["true", "false", "none", "True", "False", "None"].contains(text) else {
            throw failure(.syntax, "'\(text)' cannot be assigned to")
        }
        return .name(name(text))
    }

    private mutating func macro() throws(TemplateError) -> StatementNode {
        let title = try word()
        let macro = try macroBody(title, end: "endmacro")
        return .macro(name(title), macro)
    }

    private mutating func call() throws(TemplateError) -> StatementNode {
        // The parameters of `{% call(a, b) f() %}` stand before the call.
        let parameters = at(.leftParenthesis) ? try self.parameters() : []
        let position = current.position
        let call = try expression()
        guard case .call = call.node else { throw failure(.syntax, "a call is expected here", at: position) }
        return .call(call, try macroBody("caller", parameters: parameters, end: "endcall"))
    }

    private mutating func macroBody(
        _ title: String, parameters given: [Parameter]? = nil, end: String
    ) throws(TemplateError) -> Macro {
        let parameters = if let given { given } else { try self.parameters() }
        let outerLoops = loops
        loops = 0
        let start = index
        let body = try closedBody(end)
        loops = outerLoops
        func reads(_ word: String) -> Bool { tokens[start..<index].contains { $0.kind == .name(word) } }
        let isParameter = { (word: String) in parameters.contains { $0.name.text == word } }
        return Macro(
            name: title, parameters: parameters, body: body, takesRest: reads("varargs"),
            takesKeywords: reads("kwargs"), takesCaller: reads("caller") && !isParameter("caller"))
    }

    private mutating func parameters() throws(TemplateError) -> [Parameter] {
        try expect(.leftParenthesis)
        var parameters: [Parameter] = []
        while !takes(.rightParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            if takes(.rightParenthesis) { break }
            let parameter = name(try word("a parameter"))
            if takes(.assign) {
                parameters.append(Parameter(name: parameter, standard: try expression()))
            } else {
                guard parameters.last?.standard == nil else {
                    throw failure(.syntax, "a parameter without a default follows one with a default")
                }
                parameters.append(Parameter(name: parameter, standard: nil))
            }
        }
        return parameters
    }
}
