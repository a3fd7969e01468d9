/// The tokens with a role, where the vocabulary has them.
public struct SpecialTokens: Sendable, Equatable {
    public var beginningOfSequence: TokenID?
    public var endOfSequence: TokenID?
    public var endOfTurn: TokenID?
    public var endOfMessage: TokenID?
    public var unknown: TokenID?
    public var separator: TokenID?
    public var padding: TokenID?
    public var mask: TokenID?
    /// Fill-in-the-middle: what comes before the hole, after it, and where the answer begins.
    public var fillPrefix: TokenID?
    public var fillSuffix: TokenID?
    public var fillMiddle: TokenID?
    public var fillPadding: TokenID?
    public var fillRepository: TokenID?
    public var fillFileSeparator: TokenID?

    public init() {}
}
