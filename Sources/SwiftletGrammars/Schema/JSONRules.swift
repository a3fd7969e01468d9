/// The rules of JSON itself (RFC 8259), each made when it is first used.
///
/// Numbers are bounded in digits so that a double holds them and a model does not count for ever. What they match is
/// read back by SwiftletGround's JSON reader: half surrogate pairs are not offered.
struct JSONRules {
    let space: Expression
    var rules: [Grammar.Rule] = []
    private var known: [String: Int] = [:]

    init(_ spacing: JSONSpacing) {
        space = spacing.expression
    }

    /// Reserves a rule's number, so that what it holds may use it.
    mutating func reserve(_ name: String, isShared: Bool = false) -> Int {
        rules.append(Grammar.Rule(name: name, body: .nothing, isShared: isShared))
        return rules.count - 1
    }

    mutating func add(_ name: String, isShared: Bool = false, _ body: Expression) -> Expression {
        rules.append(Grammar.Rule(name: name, body: body, isShared: isShared))
        return .rule(rules.count - 1)
    }

    private mutating func once(
        _ name: String, isShared: Bool = true, _ body: (inout JSONRules) -> Expression
    ) -> Expression {
        if let number = known[name] { return .rule(number) }
        let number = reserve(name, isShared: isShared)
        known[name] = number
        rules[number].body = body(&self)
        return .rule(number)
    }

    /// A character of a string: itself, or any of its escapes.
    private static let character: Expression = {
        let hex = Expression.scalars(ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66]))
        func one(of text: String) -> Expression {
            .scalars(ScalarSet(text.unicodeScalars.map { $0.value...$0.value }))
        }
        let single = Expression.any([
            .all([one(of: "0123456789abcefABCEF"), hex, hex, hex]),
            .all([one(of: "dD"), one(of: "01234567"), hex, hex]),
        ])
        let pair = Expression.all([
            one(of: "dD"), one(of: "89abAB"), hex, hex, .text("\\u"), one(of: "dD"), one(of: "cdefCDEF"), hex, hex,
        ])
        return .any([
            .scalars(Spelling.rawInJSON),
            .all([.text("\\"), .any([one(of: "\"\\/bfnrt"), .all([.text("u"), .any([single, pair])])])]),
        ])
    }()

    mutating func string() -> Expression {
        once("string") { _ in .all([.text("\""), .times(Self.character, 0, nil), .text("\"")]) }
    }

    /// A string of `minimum` to `maximum` characters; an escape counts as one.
    mutating func string(_ minimum: Int, _ maximum: Int?) -> Expression {
        if minimum == 0, maximum == nil { return string() }
        return once("string \(minimum) to \(maximum.map(String.init) ?? "any")") { _ in
            .all([.text("\""), .times(Self.character, minimum, maximum), .text("\"")])
        }
    }

    private static let digit = Expression.scalars(PatternParser.digits)
    private static let sign = Expression.optional(.text("-"))

    private static let wholePart = Expression.any([
        .text("0"), .all([.scalars(ScalarSet([0x31...0x39])), .times(digit, 0, 15)]),
    ])

    mutating func integer() -> Expression {
        once("integer") { _ in .all([Self.sign, Self.wholePart]) }
    }

    mutating func number() -> Expression {
        once("number") { _ in
            .all([
                Self.sign, Self.wholePart, .optional(.all([.text("."), .times(Self.digit, 1, 16)])),
                .optional(
                    .all([
                        .scalars(ScalarSet("e", "E")), .optional(.scalars(ScalarSet("+", "-"))),
                        .times(Self.digit, 1, 2),
                    ])),
            ])
        }
    }

    mutating func boolean() -> Expression { .any([.text("true"), .text("false")]) }

    mutating func value() -> Expression {
        once("value", isShared: false) { rules in
            .any([
                rules.object(), rules.array(), rules.string(), rules.number(), rules.boolean(), .text("null"),
            ])
        }
    }

    mutating func object() -> Expression {
        once("object", isShared: false) { rules in
            let string = rules.string()
            let value = rules.value()
            let space = rules.space
            let member = Expression.all([string, .text(":"), space, value])
            return .all([
                .text("{"), space,
                .optional(.all([member, .times(.all([.text(","), space, member]), 0, nil), space])), .text("}"),
            ])
        }
    }

    mutating func array() -> Expression {
        once("array", isShared: false) { rules in
            let value = rules.value()
            let space = rules.space
            return .all([
                .text("["), space,
                .optional(.all([value, .times(.all([.text(","), space, value]), 0, nil), space])), .text("]"),
            ])
        }
    }
}

extension Grammar {
    /// Any JSON value.
    public static var json: Grammar { json(.flexible) }

    /// Any JSON object.
    public static var anyJSONObject: Grammar { anyJSONObject(.flexible) }

    /// Any JSON value, laid out as `spacing` allows.
    public static func json(_ spacing: JSONSpacing) -> Grammar {
        var rules = JSONRules(spacing)
        let root = rules.value()
        return Grammar(rules: rules.rules, root: root)
    }

    /// Any JSON object, laid out as `spacing` allows.
    public static func anyJSONObject(_ spacing: JSONSpacing) -> Grammar {
        var rules = JSONRules(spacing)
        let root = rules.object()
        return Grammar(rules: rules.rules, root: root)
    }
}
