/// White space that a grammar of JSON allows between its parts. It is always bounded: small models would repeat it for ever.
public enum JSONSpacing: Sendable, Hashable {
    /// None: the fewest tokens, and the most that are forced.
    case compact
    /// At each place nothing, a space, or a new line and up to 20 spaces or tabs, as llama.cpp's grammars.
    case flexible

    var expression: Expression {
        switch self {
        case .compact: .empty
        case .flexible:
            .any([
                .empty, .text(" "),
                .all([.text("\n"), .times(.scalars(ScalarSet(" ", "\t")), 0, 20)]),
            ])
        }
    }
}
