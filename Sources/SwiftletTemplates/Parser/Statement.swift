struct Statement: Sendable {
    let node: StatementNode
    let position: Position
}

/// What `set`, `for` and `with` assign to.
indirect enum Target: Sendable {
    case name(Name)
    case tuple([Target])
    /// `ns.name`, where `ns` must be a namespace.
    case member(Name, String)
}

struct Loop: Sendable {
    let target: Target
    let iterable: Expression
    let condition: Expression?
    let isRecursive: Bool
    let body: [Statement]
    let otherwise: [Statement]
}

struct Parameter: Sendable {
    let name: Name
    let standard: Expression?
}

/// The parameters and body of a macro or of a `call` block.
struct Macro: Sendable {
    let name: String
    let parameters: [Parameter]
    let body: [Statement]
    let takesRest: Bool
    let takesKeywords: Bool
    let takesCaller: Bool
}

indirect enum StatementNode: Sendable {
    case text(String)
    case output([Expression])
    case condition([(condition: Expression, body: [Statement])], otherwise: [Statement])
    case loop(Loop)
    case set(Target, Expression)
    case setBlock(Target, filter: Expression?, body: [Statement])
    case macro(Name, Macro)
    case call(Expression, Macro)
    case filter(Expression, body: [Statement])
    case with([(target: Target, value: Expression)], body: [Statement])
    /// A body with variables of its own: `generation`, `block`, `autoescape`.
    case scope([Statement])
    case breakLoop
    case continueLoop
    /// A tag that would load another template.
    case unsupported(String)
}
