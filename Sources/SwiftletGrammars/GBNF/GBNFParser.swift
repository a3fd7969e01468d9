public import SwiftletGround

/// Reads llama.cpp's GBNF (grammars/README.md and src/llama-grammar.cpp there).
///
/// Wider than there: repetitions of any count, since they are not written out, and any order of rules. A rule given twice
/// replaces the first, as there.
struct GBNFParser: ScalarCursor {
    let scalars: [Unicode.Scalar]
    var position = 0
    private var names: [String: Int] = [:]
    private var rules: [(name: String, body: Expression?, first: Int)] = []
    private var depth = 0

    static func parse(_ text: String) throws(GrammarError) -> Grammar {
        var parser = GBNFParser(scalars: Array(text.unicodeScalars))
        return try parser.grammar()
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    private mutating func grammar() throws(GrammarError) -> Grammar {
        skipSpace(andLines: true)
        while position < scalars.count { try rule() }
        guard let root = names["root"], rules[root].body != nil else {
            throw GrammarError(
                .undefinedRule, "there is no rule named root", advice: "The rule root says what the whole text matches."
            )
        }
        var checked: [Grammar.Rule] = []
        for rule in rules {
            guard let body = rule.body else {
                throw failure(.undefinedRule, "the rule \(rule.name) is used but not defined", at: rule.first)
            }
            checked.append(Grammar.Rule(name: rule.name, body: body))
        }
        let places = rules.map { (name: $0.name, first: $0.first) }
        let parser = self
        return try Grammar(checking: checked, root: .rule(root)) { name in
            places.first { $0.name == name }.map { parser.place(of: $0.first) }
        }
    }

    private mutating func rule() throws(GrammarError) {
        let start = position
        let name = try name()
        skipSpace(andLines: false)
        guard take("::=") else { throw failure(.syntax, "\"::=\" is expected after the name of a rule") }
        skipSpace(andLines: true)
        let number = number(of: name, at: start)
        let body = try alternatives(isNested: false)
        rules[number].body = body
        if position < scalars.count, peek != "\n", peek != "\r" {
            throw failure(.syntax, "the rule cannot go on like this")
        }
        skipSpace(andLines: true)
    }

    private mutating func number(of name: String, at place: Int) -> Int {
        if let number = names[name] { return number }
        rules.append((name, nil, place))
        names[name] = rules.count - 1
        return rules.count - 1
    }

    private mutating func alternatives(isNested: Bool) throws(GrammarError) -> Expression {
        var found = [try sequence(isNested: isNested)]
        while peek == "|" {
            position += 1
            skipSpace(andLines: true)
            found.append(try sequence(isNested: isNested))
        }
        return .any(found)
    }

    private mutating func sequence(isNested: Bool) throws(GrammarError) -> Expression {
        var items: [Expression] = []
        while let next = peek {
            let start = position
            if let counts = try counts(next, isNested: isNested) {
                guard let last = items.popLast() else {
                    throw failure(.syntax, "there is nothing to repeat here", at: start)
                }
                items.append(.times(last, counts.minimum, counts.maximum))
            } else if let item = try item(next) {
                items.append(item)
            } else {
                break
            }
            skipSpace(andLines: isNested)
        }
        return .all(items)
    }

    private mutating func item(_ next: Unicode.Scalar) throws(GrammarError) -> Expression? {
        switch next {
        case "\"": return try literal()
        case "[": return try set()
        case "<", "!": return try token()
        case ".":
            position += 1
            return .scalars(.all)
        case "(":
            guard depth < GrammarLimits.nesting else {
                throw failure(.limit, "parentheses are nested deeper than \(GrammarLimits.nesting)")
            }
            depth += 1
            defer { depth -= 1 }
            position += 1
            skipSpace(andLines: true)
            let inner = try alternatives(isNested: true)
            guard peek == ")" else { throw failure(.syntax, "\")\" is expected here") }
            position += 1
            return inner
        default:
            guard Self.isNamePart(next) else { return nil }
            let start = position
            let name = try name()
            return .rule(number(of: name, at: start))
        }
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}`, `{2,5}`.
    private mutating func counts(
        _ next: Unicode.Scalar, isNested: Bool
    ) throws(GrammarError) -> (minimum: Int, maximum: Int?)? {
        switch next {
        case "*", "+", "?":
            position += 1
            return next == "*" ? (0, nil) : next == "+" ? (1, nil) : (0, 1)
        case "{":
            position += 1
            skipSpace(andLines: isNested)
            let minimum = try count()
            skipSpace(andLines: isNested)
            var maximum: Int? = minimum
            if peek == "," {
                position += 1
                skipSpace(andLines: isNested)
                maximum = peek.map(Self.isDigit) == true ? try count() : nil
                skipSpace(andLines: isNested)
            }
            guard peek == "}" else { throw failure(.syntax, "\"}\" is expected here") }
            position += 1
            if let maximum, maximum < minimum {
                throw failure(.syntax, "a repetition cannot be at least \(minimum) and at most \(maximum) times")
            }
            return (minimum, maximum)
        default: return nil
        }
    }

    private mutating func count() throws(GrammarError) -> Int {
        let start = position
        var value = 0
        while let digit = peek, Self.isDigit(digit) {
            value = value * 10 + Int(digit.value - 0x30)
            if value > GrammarLimits.count {
                throw failure(.limit, "a count of more than \(GrammarLimits.count)", at: start)
            }
            position += 1
        }
        if position == start { throw failure(.syntax, "a count is expected here") }
        return value
    }

    private mutating func literal() throws(GrammarError) -> Expression {
        position += 1
        var bytes: [UInt8] = []
        while let next = peek, next != "\"" {
            bytes += Array(String(try character()).utf8)
        }
        guard peek != nil else { throw failure(.syntax, "the text ends inside a literal") }
        position += 1
        return .all([.literal(bytes)])
    }

    private mutating func set() throws(GrammarError) -> Expression {
        position += 1
        var isNegated = false
        if peek == "^" {
            isNegated = true
            position += 1
        }
        var ranges: [ClosedRange<UInt32>] = []
        while let next = peek, next != "]" {
            let start = position
            let low = try character().value
            var high = low
            if peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                high = try character().value
            }
            if high < low { throw failure(.syntax, "this range of characters is empty", at: start) }
            ranges.append(low...high)
        }
        guard peek != nil else { throw failure(.syntax, "the text ends inside a set of characters") }
        position += 1
        let set = ScalarSet(ranges)
        return .scalars(isNegated ? set.inverted : set)
    }

    /// `<[7]>`, `<think>`, each perhaps after `!`.
    private mutating func token() throws(GrammarError) -> Expression {
        let start = position
        let isNegated = peek == "!"
        if isNegated { position += 1 }
        guard peek == "<" else { throw failure(.syntax, "\"<\" is expected after \"!\"") }
        let opening = position
        while let next = peek, next != ">", next != "\n" { position += 1 }
        guard peek == ">" else { throw failure(.syntax, "\">\" is expected at the end of a token", at: start) }
        position += 1
        let name = String(String.UnicodeScalarView(scalars[opening..<position]))
        if name.hasPrefix("<[") {
            guard name.hasSuffix("]>"), let id = Int32(name.dropFirst(2).dropLast(2)), id >= 0 else {
                throw failure(.syntax, "a token's number is expected between \"<[\" and \"]>\"", at: start)
            }
            return .token(TokenTerminal(name: .id(id), isNegated: isNegated))
        }
        return .token(TokenTerminal(name: .text(Array(name.utf8)), isNegated: isNegated))
    }

    /// A character of a literal or a set.
    private mutating func character() throws(GrammarError) -> Unicode.Scalar {
        let start = position
        let first = scalars[position]
        position += 1
        guard first == "\\" else { return first }
        guard let escape = peek else { throw failure(.syntax, "the text ends inside an escape") }
        position += 1
        switch escape {
        case "x": return try hexadecimal(2, from: start)
        case "u": return try hexadecimal(4, from: start)
        case "U": return try hexadecimal(8, from: start)
        case "t": return "\t"
        case "r": return "\r"
        case "n": return "\n"
        case "\\", "\"", "[", "]", "-": return escape
        default: throw failure(.syntax, "there is no such escape", at: start)
        }
    }

    private mutating func hexadecimal(_ count: Int, from start: Int) throws(GrammarError) -> Unicode.Scalar {
        guard let value = hexadecimal(count) else {
            throw failure(.syntax, "\(count) hexadecimal digits are expected here", at: start)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw failure(.syntax, "this escape is no character of Unicode", at: start)
        }
        return scalar
    }

    private mutating func name() throws(GrammarError) -> String {
        let start = position
        while let next = peek, Self.isNamePart(next) { position += 1 }
        if position == start { throw failure(.syntax, "the name of a rule is expected here") }
        return String(String.UnicodeScalarView(scalars[start..<position]))
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars.count - position >= wanted.count, scalars[position..<position + wanted.count] == wanted[...]
        else {
            return false
        }
        position += wanted.count
        return true
    }

    private mutating func skipSpace(andLines: Bool) {
        while let next = peek {
            if next == "#" {
                while let inside = peek, inside != "\n", inside != "\r" { position += 1 }
            } else if next == " " || next == "\t" || (andLines && (next == "\n" || next == "\r")) {
                position += 1
            } else {
                return
            }
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        isDigit(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "-"
    }

    private func failure(_ code: GrammarError.Code, _ problem: String, at place: Int? = nil) -> GrammarError {
        GrammarError(code, problem, at: self.place(of: place ?? position))
    }

    private func place(of index: Int) -> String {
        var line = 1
        var column = 1
        for scalar in scalars[..<index] {
            column += 1
            if scalar == "\n" { (line, column) = (line + 1, 1) }
        }
        return "line \(line), column \(column)"
    }
}

extension Grammar {
    /// A grammar in llama.cpp's GBNF; the rule `root` says what the whole text matches.
    ///
    /// Throws with line and column where the text is no grammar, where a rule is missing or begins with itself (rules that
    /// do so can be written with a repetition), and when no finite text matches.
    public init(gbnf: String) throws(GrammarError) {
        self = try GBNFParser.parse(gbnf)
    }
}
