/// A node of an expression and where it stands.
struct Expression: Sendable {
    let node: ExpressionNode
    let position: Position
    /// Nodes from here to the deepest leaf, which bounds recursion over the tree.
    let height: Int
}

enum Constant: Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
}

/// A variable's name and its number in the template.
struct Name: Sendable {
    let text: String
    let id: Int
}

enum Comparison: Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contained, notContained
}

enum BinaryOperator: String, Sendable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", floorDivide = "//", modulo = "%", power = "**"
}

/// Arguments as they are written: `f(a, *b, c=d, **e)`.
struct Arguments: Sendable {
    var positional: [Expression] = []
    var keywords: [(name: String, value: Expression)] = []
    var rest: Expression?
    var keywordRest: Expression?

    var all: [Expression] { positional + keywords.map(\.value) + [rest, keywordRest].compactMap(\.self) }
}

indirect enum ExpressionNode: Sendable {
    case constant(Constant)
    case name(Name)
    case list([Expression])
    case tuple([Expression])
    case dictionary([(key: Expression, value: Expression)])
    case negate(Expression)
    case plus(Expression)
    case not(Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case concatenation([Expression])
    case comparison(Expression, [(Comparison, Expression)])
    case conditional(Expression, then: Expression, otherwise: Expression?)
    case attribute(Expression, String)
    case item(Expression, Expression)
    case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
    case call(Expression, Arguments)
    /// Without an operand at the start of the chain in `{% filter … %}` and `{% set x | … %}`.
    case filter(Expression?, String, Arguments)
    case test(Expression, String, Arguments)

    var children: [Expression] {
        switch self {
        case .constant, .name: []
        case .list(let items), .tuple(let items), .concatenation(let items): items
        case .dictionary(let items): items.flatMap { [$0.key, $0.value] }
        case .negate(let operand), .plus(let operand), .not(let operand), .attribute(let operand, _): [operand]
        case .and(let left, let right), .or(let left, let right), .binary(_, let left, let right),
            .item(let left, let right):
            [left, right]
        case .comparison(let first, let rest): [first] + rest.map(\.1)
        case .conditional(let condition, let then, let otherwise):
            [condition, then] + [otherwise].compactMap(\.self)
        case .slice(let operand, let start, let stop, let step):
            [operand] + [start, stop, step].compactMap(\.self)
        case .call(let callee, let arguments): [callee] + arguments.all
        case .filter(let operand, _, let arguments): [operand].compactMap(\.self) + arguments.all
        case .test(let operand, _, let arguments): [operand] + arguments.all
        }
    }
}
