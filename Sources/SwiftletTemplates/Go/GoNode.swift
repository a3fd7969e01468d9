/// A part of a Go template after parsing.
indirect enum GoNode: Sendable {
    case text([UInt8])
    case action(GoPipe)
    case branch(GoBranch)
    /// `{{template "name" pipe}}`
    case call(name: String, GoPipe?, at: Int)
    case breakLoop
    case continueLoop
}

/// `if`, `with` or `range`, its list and its `else`.
struct GoBranch: Sendable {
    enum Kind {
        case condition, with, range
    }

    let kind: Kind
    let pipe: GoPipe
    let body: [GoNode]
    let otherwise: [GoNode]
}

/// Commands of which each is given the result of the one before, perhaps assigned to variables.
struct GoPipe: Sendable {
    var variables: [String] = []
    /// `=` instead of `:=`
    var assigns = false
    var commands: [GoCommand] = []
    let place: Int
}

/// An operand, or a function and its arguments.
struct GoCommand: Sendable {
    let operands: [GoOperand]
    let place: Int
}

indirect enum GoOperand: Sendable {
    case dot
    case constant(GoValue)
    /// Fields of the dot.
    case field([String])
    /// A variable and fields of it.
    case variable(String, [String])
    case function(String, at: Int)
    /// A pipeline in parentheses and fields of its result.
    case pipe(GoPipe, [String])
}
