public import SwiftletTokenizers

/// What the tokens of an answer must obey, for instance a grammar: a value that knows the answer so far, one for each request.
///
/// The engine calls it from one thread at a time, and tells it of every token of the answer, forced ones too.
public protocol TokenConstraint: Sendable {
    /// Goes on by a token that is now part of the answer.
    mutating func accept(_ token: TokenID)

    /// Sets `mask` to the tokens that may come next, whatever it held; those that end the answer are among them where it may
    /// end. A mask that allows nothing ends the generation with `EngineError.Code.deadEnd`.
    mutating func allowed(into mask: inout TokenMask)

    /// The next tokens where there is no choice, at most `limit`, in order; empty where there is one. They go into the answer
    /// without sampling, and through the model together. Does not accept them.
    mutating func forcedTokens(limit: Int) -> [TokenID]

    /// Whether nothing may follow but the end: the engine ends the answer then, and samples no token for it.
    var mustEnd: Bool { get }
}

extension TokenConstraint {
    public mutating func forcedTokens(limit: Int) -> [TokenID] { [] }

    public var mustEnd: Bool { false }
}
