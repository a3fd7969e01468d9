import SwiftletGround

/// Reads tokens into statements, following the grammar of Jinja2 3.1 (jinja2/parser.py).
struct Parser {
    let tokens: [Token]
    let source: [Unicode.Scalar]
    let limits: TemplateLimits
    var index = 0
    var depth = 0
    private let stack = StackBound()
    /// Loops around this place inside the same macro, for `break` and `continue`.
    var loops = 0
    var ids: [ByteString: Int] = [:]
    var names: [String] = []
    /// Attributes and constant keys that the template reads.
    var attributes: Set<ByteString> = []

    init(source text: String, limits: TemplateLimits) throws(TemplateError) {
        guard text.utf8.count <= limits.sourceBytes else {
            throw TemplateError(.limit, "the template is larger than \(limits.sourceBytes) bytes")
        }
        (tokens, source) = try Lexer.tokens(of: text)
        self.limits = limits
    }

    var current: Token { tokens[index] }
    var next: Token { tokens[min(index + 1, tokens.count - 1)] }

    mutating func advance() {
        if index + 1 < tokens.count { index += 1 }
    }

    func at(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

    func at(word: String) -> Bool { current.kind == .name(word) }

    mutating func takes(_ symbol: Token.Symbol) -> Bool {
        guard at(symbol) else { return false }
        advance()
        return true
    }

    mutating func takes(word: String) -> Bool {
        guard at(word: word) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: Token.Symbol) throws(TemplateError) {
        guard takes(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
    }

    mutating func expect(word: String) throws(TemplateError) {
        guard takes(word: word) else { throw unexpected("'\(word)'") }
    }

    mutating func expect(_ kind: Token.Kind, _ what: String) throws(TemplateError) {
        guard current.kind == kind else { throw unexpected(what) }
        advance()
    }

    mutating func word(_ what: String = "a name") throws(TemplateError) -> String {
        guard case .name(let text) = current.kind else { throw unexpected(what) }
        advance()
        return text
    }

    mutating func name(_ text: String) -> Name {
        let key = ByteString(text)
        if let id = ids[key] { return Name(text: text, id: id) }
        ids[key] = names.count
        names.append(text)
        return Name(text: text, id: names.count - 1)
    }

    func unexpected(_ wanted: String) -> TemplateError {
        failure(.syntax, "\(wanted) is expected here, not \(current.description)")
    }

    func failure(_ code: TemplateError.Code, _ problem: String, at position: Position? = nil) -> TemplateError {
        TemplateError(code, problem, at: (position ?? current.position).place(in: source))
    }

    /// Counts a level of nesting; `depth` must be put back by the caller.
    mutating func enter() throws(TemplateError) {
        depth += 1
        if depth > limits.sourceDepth || stack.isReached { throw tooDeep() }
    }

    func tooDeep() -> TemplateError {
        failure(.limit, "blocks and expressions are nested too deep")
    }

    func make(_ node: ExpressionNode, _ position: Position) throws(TemplateError) -> Expression {
        let height = 1 + (node.children.map(\.height).max() ?? 0)
        // Chains such as a + b + … are loops for the parser, and yet deep trees.
        guard height <= 2 * limits.sourceDepth else { throw tooDeep() }
        return Expression(node: node, position: position, height: height)
    }
}
