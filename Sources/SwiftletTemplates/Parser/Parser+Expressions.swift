extension Parser {
    /// `a if b else c` and everything that binds tighter.
    mutating func expression() throws(TemplateError) -> Expression {
        try enter()
        defer { depth -= 1 }
        let position = current.position
        var result = try or()
        while takes(word: "if") {
            let condition = try or()
            let otherwise = takes(word: "else") ? try expression() : nil
            result = try make(.conditional(condition, then: result, otherwise: otherwise), position)
        }
        return result
    }

    mutating func or() throws(TemplateError) -> Expression {
        var left = try and()
        while at(word: "or") {
            let position = current.position
            advance()
            left = try make(.or(left, try and()), position)
        }
        return left
    }

    private mutating func and() throws(TemplateError) -> Expression {
        var left = try not()
        while at(word: "and") {
            let position = current.position
            advance()
            left = try make(.and(left, try not()), position)
        }
        return left
    }

    private mutating func not() throws(TemplateError) -> Expression {
        guard at(word: "not") else { return try comparison() }
        try enter()
        defer { depth -= 1 }
        let position = current.position
        advance()
        return try make(.not(try not()), position)
    }

    private mutating func comparison() throws(TemplateError) -> Expression {
        let position = current.position
        let first = try sum()
        var rest: [(Comparison, Expression)] = []
        while let comparison = takeComparison() { rest.append((comparison, try sum())) }
        return rest.isEmpty ? first : try make(.comparison(first, rest), position)
    }

    private mutating func takeComparison() -> Comparison? {
        let comparison: Comparison
        switch current.kind {
        case .symbol(.equal): comparison = .equal
        case .symbol(.notEqual): comparison = .notEqual
        case .symbol(.less): comparison = .less
        case .symbol(.lessOrEqual): comparison = .lessOrEqual
        case .symbol(.greater): comparison = .greater
        case .symbol(.greaterOrEqual): comparison = .greaterOrEqual
        case .name("in"): comparison = .contained
        case .name("not") where next.kind == .name("in"):
            advance()
            comparison = .notContained
        default: return nil
        }
        advance()
        return comparison
    }

    private mutating func sum() throws(TemplateError) -> Expression {
        var left = try concatenation()
        while at(.plus) || at(.minus) {
            let position = current.position
            let kind: BinaryOperator = at(.plus) ? .add : .subtract
            advance()
            left = try make(.binary(kind, left, try concatenation()), position)
        }
        return left
    }

    private mutating func concatenation() throws(TemplateError) -> Expression {
        let position = current.position
        var parts = [try product()]
        while takes(.tilde) { parts.append(try product()) }
        return parts.count == 1 ? parts[0] : try make(.concatenation(parts), position)
    }

    private mutating func product() throws(TemplateError) -> Expression {
        var left = try power()
        while true {
            let kind: BinaryOperator
            switch current.kind {
            case .symbol(.multiply): kind = .multiply
            case .symbol(.divide): kind = .divide
            case .symbol(.floorDivide): kind = .floorDivide
            case .symbol(.modulo): kind = .modulo
            default: return left
            }
            let position = current.position
            advance()
            left = try make(.binary(kind, left, try power()), position)
        }
    }

    /// `**` groups from the left and binds looser than a sign, both unlike Python.
    private mutating func power() throws(TemplateError) -> Expression {
        var left = try unary()
        while at(.power) {
            let position = current.position
            advance()
            left = try make(.binary(.power, left, try unary()), position)
        }
        return left
    }

    mutating func unary(withFilters: Bool = true) throws(TemplateError) -> Expression {
        let position = current.position
        var result: Expression
        if at(.minus) || at(.plus) {
            try enter()
            defer { depth -= 1 }
            let negates = at(.minus)
            advance()
            let operand = try unary(withFilters: false)
            result = try make(negates ? .negate(operand) : .plus(operand), position)
        } else {
            result = try primary()
        }
        result = try postfix(result)
        return withFilters ? try filters(result) : result
    }

    /// Expressions that may be a tuple without parentheses: `a, b`.
    mutating func tuple(
        withConditional: Bool = true, endsAt words: [String] = [], inParentheses: Bool = false
    ) throws(TemplateError) -> Expression {
        let position = current.position
        var items: [Expression] = []
        var isTuple = false
        while !endsTuple(words) {
            items.append(withConditional ? try expression() : try or())
            guard at(.comma) else { break }
            isTuple = true
            advance()
        }
        if !isTuple {
            if let item = items.first { return item }
            if !inParentheses { throw unexpected("an expression") }
        }
        return try make(.tuple(items), position)
    }

    private func endsTuple(_ words: [String]) -> Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
        case .name(let name): words.contains(name)
        default: false
        }
    }
}
