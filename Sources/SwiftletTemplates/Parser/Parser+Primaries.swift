import SwiftletGround

extension Parser {
    mutating func primary() throws(TemplateError) -> Expression {
        let position = current.position
        switch current.kind {
        case .name(let text):
            advance()
            switch text {
            case "true", "True": return try make(.constant(.boolean(true)), position)
            case "false", "False": return try make(.constant(.boolean(false)), position)
            case "none", "None": return try make(.constant(.null), position)
            default: return try make(.name(name(text)), position)
            }
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return try make(.constant(.string(text)), position)
        case .integer(let value):
            advance()
            return try make(.constant(.integer(value)), position)
        case .float(let value):
            advance()
            return try make(.constant(.float(value)), position)
        case .symbol(.leftParenthesis):
            advance()
            let result = try tuple(inParentheses: true)
            try expect(.rightParenthesis)
            return result
        case .symbol(.leftBracket):
            advance()
            let items = try self.items(upTo: .rightBracket)
            return try make(.list(items), position)
        case .symbol(.leftBrace): return try dictionary()
        default: throw unexpected("an expression")
        }
    }

    private mutating func items(upTo end: Token.Symbol) throws(TemplateError) -> [Expression] {
        var items: [Expression] = []
        while !takes(end) {
            if !items.isEmpty { try expect(.comma) }
            if takes(end) { break }
            items.append(try expression())
        }
        return items
    }

    private mutating func dictionary() throws(TemplateError) -> Expression {
        let position = current.position
        try expect(.leftBrace)
        var items: [(key: Expression, value: Expression)] = []
        while !takes(.rightBrace) {
            if !items.isEmpty { try expect(.comma) }
            if takes(.rightBrace) { break }
            let key = try expression()
            try expect(.colon)
            items.append((key, try expression()))
        }
        return try make(.dictionary(items), position)
    }

    /// Attributes, elements and calls after an expression.
    mutating func postfix(_ operand: Expression) throws(TemplateError) -> Expression {
        var result = operand
        while true {
            let position = current.position
            switch current.kind {
            case .symbol(.dot):
                advance()
                switch current.kind {
                case .name(let name):
                    attributes.insert(ByteString(name))
                    result = try make(.attribute(result, name), position)
                case .integer(let value):
                    let index = try make(.constant(.integer(value)), current.position)
                    result = try make(.item(result, index), position)
                default: throw unexpected("a name or number")
                }
                advance()
            case .symbol(.leftBracket):
                advance()
                result = try subscripted(result, position)
            case .symbol(.leftParenthesis): result = try make(.call(result, try arguments()), position)
            default: return result
            }
        }
    }

    private mutating func subscripted(
        _ operand: Expression, _ position: Position
    ) throws(TemplateError) -> Expression {
        var items: [Expression] = []
        while !takes(.rightBracket) {
            if !items.isEmpty { try expect(.comma) }
            var bounds: [Expression?] = [nil, nil, nil]
            var part = 0
            while true {
                if !at(.colon), !at(.rightBracket), !at(.comma) { bounds[part] = try expression() }
                guard part < 2, takes(.colon) else { break }
                part += 1
            }
            if part > 0 {
                guard items.isEmpty, takes(.rightBracket) else { throw unexpected("']'") }
                return try make(.slice(operand, start: bounds[0], stop: bounds[1], step: bounds[2]), position)
            }
            guard let item = bounds[0] else { throw unexpected("an expression") }
            items.append(item)
        }
        guard let first = items.first else { throw unexpected("an expression") }
        if items.count == 1, case .constant(.string(let key)) = first.node { attributes.insert(ByteString(key)) }
        let index = items.count == 1 ? first : try make(.tuple(items), position)
        return try make(.item(operand, index), position)
    }

    /// Filters and tests after an expression; a call may follow them too.
    mutating func filters(_ operand: Expression) throws(TemplateError) -> Expression {
        var result = operand
        while true {
            let position = current.position
            if at(.pipe) {
                result = try filter(result)
            } else if at(word: "is") {
                result = try test(result)
            } else if at(.leftParenthesis) {
                result = try make(.call(result, try arguments()), position)
            } else {
                return result
            }
        }
    }

    mutating func filter(_ operand: Expression?, isFirst: Bool = false) throws(TemplateError) -> Expression {
        if !isFirst { try expect(.pipe) }
        let position = current.position
        let name = try dottedWord("a filter")
        let arguments = at(.leftParenthesis) ? try self.arguments() : Arguments()
        return try make(.filter(operand, name, arguments), position)
    }

    private mutating func dottedWord(_ what: String) throws(TemplateError) -> String {
        var name = try word(what)
        while takes(.dot) { name += "." + (try word(what)) }
        return name
    }

    private mutating func test(_ operand: Expression) throws(TemplateError) -> Expression {
        try expect(word: "is")
        let position = current.position
        let isNegated = takes(word: "not")
        let name = try dottedWord("a test")
        var arguments = Arguments()
        switch current.kind {
        case .symbol(.leftParenthesis): arguments = try self.arguments()
        case .name("else"), .name("or"), .name("and"): break
        case .name("is"): throw failure(.syntax, "tests cannot be chained with 'is'")
        case .name, .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace):
            arguments.positional = [try postfix(try primary())]
        default: break
        }
        let result = try make(.test(operand, name, arguments), position)
        return isNegated ? try make(.not(result), position) : result
    }

    mutating func arguments() throws(TemplateError) -> Arguments {
        try expect(.leftParenthesis)
        var result = Arguments()
        var isFirst = true
        while !takes(.rightParenthesis) {
            if !isFirst {
                try expect(.comma)
                if takes(.rightParenthesis) { break }
            }
            isFirst = false
            if at(.multiply), result.rest == nil, result.keywordRest == nil {
                advance()
                result.rest = try expression()
            } else if at(.power), result.keywordRest == nil {
                advance()
                result.keywordRest = try expression()
            } else if case .name(let name) = current.kind, next.kind == .symbol(.assign), result.keywordRest == nil {
                advance()
                advance()
                if result.keywords.contains(where: { $0.name == name }) {
                    throw failure(.syntax, "the argument '\(name)' is given twice")
                }
                result.keywords.append((name, try expression()))
            } else {
                guard result.keywords.isEmpty, result.rest == nil, result.keywordRest == nil else {
                    throw failure(.syntax, "an argument without a name cannot follow one with a name")
                }
                result.positional.append(try expression())
            }
        }
        return result
    }
}
