import SwiftletGround

/// Reads Go's text/template: text, and actions between `{{` and `}}`.
struct GoParser {
    let source: [UInt8]
    let limits: TemplateLimits
    var position = 0
    /// Named templates from `define` and `block`.
    var templates: [ByteString: [GoNode]] = [:]
    /// Names of all fields and variables, in lower case.
    var names: Set<String> = []
    /// Variables that are in scope.
    var variables = ["$"]
    var depth = 0
    private var loops = 0
    /// Whether the last action ended with `-}}`.
    private var trims = false

    init(source text: String, limits: TemplateLimits) throws(TemplateError) {
        source = Array(text.utf8)
        self.limits = limits
        guard source.count <= limits.sourceBytes else {
            throw TemplateError(.limit, "a template has at most \(limits.sourceBytes) bytes, this one \(source.count)")
        }
    }

    /// The whole template.
    mutating func template() throws(TemplateError) -> [GoNode] {
        let (nodes, end) = try list(isTop: true)
        guard case .source = end else { throw failure("there is no block that this ends") }
        return nodes
    }

    /// What a list of nodes ends with; for `end` and `else`, behind the word.
    private enum Ending {
        case source, end, otherwise
    }

    private mutating func list(isTop: Bool = false) throws(TemplateError) -> ([GoNode], Ending) {
        try enter()
        defer { depth -= 1 }
        var nodes: [GoNode] = []
        while true {
            if let text = try text() { nodes.append(.text(text)) }
            if position == source.count { return (nodes, .source) }
            if try skipComment() { continue }
            skipSpace()
            let start = position
            switch word() {
            case "if": nodes.append(try branch(.condition))
            case "with": nodes.append(try branch(.with))
            case "range": nodes.append(try branch(.range))
            case "end":
                try close()
                return (nodes, .end)
            case "else": return (nodes, .otherwise)
            case "break", "continue":
                guard loops > 0 else { throw failure("this stands outside of a range", at: start) }
                nodes.append(source[start] == UInt8(ascii: "b") ? .breakLoop : .continueLoop)
                try close()
            case "define":
                guard isTop else { throw failure("a definition must stand outside of all blocks", at: start) }
                try define(name: try name(), pipe: nil)
            case "block":
                let name = try name()
                let pipe = try pipeline()
                try define(name: name, pipe: pipe)
                nodes.append(.call(name: name, pipe, at: start))
            case "template":
                let name = try name()
                skipSpace()
                let pipe = isAtClose ? nil : try pipeline()
                try close()
                nodes.append(.call(name: name, pipe, at: start))
            default:
                position = start
                let pipe = try pipeline()
                try close()
                nodes.append(.action(pipe))
            }
        }
    }

    /// An `if`, `with` or `range` up to its `end`, which all of a chain of `else if` share.
    private mutating func branch(_ kind: GoBranch.Kind) throws(TemplateError) -> GoNode {
        try enter()
        defer { depth -= 1 }
        let start = position
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        let pipe = try pipeline(isRange: kind == .range)
        try close()
        if kind == .range { loops += 1 }
        let (body, end) = try list()
        if kind == .range { loops -= 1 }
        var otherwise: [GoNode] = []
        switch end {
        case .end: break
        case .source: throw failure("this block has no end", at: start)
        case .otherwise:
            skipSpace()
            let place = position
            switch (word(), kind) {
            case ("if", .condition): otherwise = [try branch(.condition)]
            case ("with", .with): otherwise = [try branch(.with)]
            default:
                position = place
                try close()
                let (nodes, end) = try list()
                guard case .end = end else { throw failure("this block has no end", at: start) }
                otherwise = nodes
            }
        }
        return .branch(GoBranch(kind: kind, pipe: pipe, body: body, otherwise: otherwise))
    }

    private mutating func define(name: String, pipe: GoPipe?) throws(TemplateError) {
        let start = position
        try close()
        // A template sees none of the variables around it.
        let (outer, outerLoops) = (variables, loops)
        (variables, loops) = (["$"], 0)
        let (nodes, end) = try list()
        (variables, loops) = (outer, outerLoops)
        guard case .end = end else { throw failure("this template has no end", at: start) }
        templates[ByteString(name)] = nodes
    }

    private mutating func name() throws(TemplateError) -> String {
        skipSpace()
        let start = position
        guard case .constant(.string(let name))? = try constant() else {
            throw failure("a name in quotes is expected here", at: start)
        }
        return name
    }

    // MARK: text and delimiters

    /// The text up to the next action, trimmed on the sides that ask for it; leaves the position behind `{{` or `{{-`.
    private mutating func text() throws(TemplateError) -> [UInt8]? {
        var start = position
        let opener = Bytes.find(Array("{{".utf8), in: source, from: position)
        var end = opener ?? source.count
        position = end
        if trims { while start < end, source[start].isGoSpace { start += 1 } }
        trims = false
        if opener != nil {
            position += 2
            if peek == UInt8(ascii: "-"), peek(1)?.isGoSpace == true {
                position += 1
                while end > start, source[end - 1].isGoSpace { end -= 1 }
            }
            if peek == nil { throw failure("unclosed action") }
        }
        return start < end ? Array(source[start..<end]) : nil
    }

    private mutating func skipComment() throws(TemplateError) -> Bool {
        let start = position
        skipSpace()
        guard peek == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") else {
            position = start
            return false
        }
        guard let end = Bytes.find(Array("*/".utf8), in: source, from: position + 2) else {
            throw failure("this comment has no end", at: start)
        }
        position = end + 2
        try close()
        return true
    }

    /// Whether the action ends here: at `}}`, or at `-}}` behind white space.
    var isAtClose: Bool {
        if peek == UInt8(ascii: "}") { return peek(1) == UInt8(ascii: "}") }
        return peek == UInt8(ascii: "-") && peek(1) == UInt8(ascii: "}") && peek(2) == UInt8(ascii: "}")
            && position > 0 && source[position - 1].isGoSpace
    }

    private mutating func close() throws(TemplateError) {
        skipSpace()
        guard isAtClose else {
            throw failure(position == source.count ? "unclosed action" : "the end of the action is expected here")
        }
        trims = peek == UInt8(ascii: "-")
        position += trims ? 3 : 2
    }

    // MARK: bytes

    var peek: UInt8? { position < source.count ? source[position] : nil }

    func peek(_ distance: Int) -> UInt8? { position + distance < source.count ? source[position + distance] : nil }

    mutating func skipSpace() {
        while let byte = peek, byte.isGoSpace { position += 1 }
    }

    /// The letters, digits and `_` that stand here.
    mutating func word() -> String {
        let start = position
        while let byte = peek, byte.isGoLetter { position += 1 }
        return String(decoding: source[start..<position], as: UTF8.self)
    }

    mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= limits.sourceDepth else {
            throw TemplateError(.limit, "blocks are nested deeper than \(limits.sourceDepth)", at: line(of: position))
        }
    }

    func failure(_ problem: String, at place: Int? = nil) -> TemplateError {
        TemplateError(.syntax, problem, at: line(of: place ?? position))
    }

    func line(of place: Int) -> String { Self.line(of: place, in: source) }

    /// "line 3, column 14" for a place of the source; columns count characters' scalars.
    static func line(of place: Int, in source: [UInt8]) -> String {
        let before = source[..<min(place, source.count)]
        let line = 1 + before.count { $0 == 0x0A }
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = 1 + before[start...].count { $0 & 0xC0 != 0x80 }
        return "line \(line), column \(column)"
    }
}

extension UInt8 {
    /// White space in an action, and what trimming takes away.
    var isGoSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }

    /// Part of a name: ASCII letters and digits, `_`, and everything beyond ASCII.
    var isGoLetter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...: true
        default: false
        }
    }
}
