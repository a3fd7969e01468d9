/// A place in the source: Unicode scalars from its start, newlines counted as one.
struct Position: Sendable {
    var offset: Int32

    init(_ offset: Int) {
        self.offset = Int32(clamping: offset)
    }
}

struct Token {
    enum Kind: Equatable {
        case data(String)
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name(String)
        case integer(Int)
        case float(Double)
        case string(String)
        case symbol(Symbol)
        case end
    }

    enum Symbol: String, CaseIterable {
        case power = "**", floorDivide = "//", equal = "==", notEqual = "!=", greaterOrEqual = ">=", lessOrEqual = "<="
        case plus = "+", minus = "-", divide = "/", multiply = "*", modulo = "%", tilde = "~"
        case leftBracket = "[", rightBracket = "]", leftParenthesis = "(", rightParenthesis = ")"
        case leftBrace = "{", rightBrace = "}", greater = ">", less = "<", assign = "=", dot = ".", colon = ":"
        case pipe = "|", comma = ",", semicolon = ";"
    }

    let kind: Kind
    let position: Position

    /// What stands here, for an error text.
    var description: String {
        switch kind {
        case .data: "text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .integer, .float: "a number"
        case .string: "a string"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}
