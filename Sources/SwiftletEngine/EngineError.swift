public import SwiftletGround

public enum EngineDomain: FailureDomain {}

/// What goes wrong between a request and its tokens.
public typealias EngineError = Failure<EngineDomain>

extension Failure<EngineDomain>.Code {
    /// A parameter of a request is outside its range; the place names it.
    public static var invalidParameter: Self { Self("invalid-parameter") }
    /// No token is possible: every logit is minus infinity, or not a number.
    public static var noCandidate: Self { Self("no-candidate") }
    /// What the answer must obey, or must not hold, leaves no token of the vocabulary.
    public static var deadEnd: Self { Self("dead-end") }
    /// The prompt or the answer does not fit the context.
    public static var contextFull: Self { Self("context-full") }
    /// A context of that length cannot be had.
    public static var contextLength: Self { Self("context-length") }
    /// Keys and values of the model cannot be kept in that type.
    public static var cacheType: Self { Self("cache-type") }
    /// There is nothing to start from.
    public static var emptyPrompt: Self { Self("empty-prompt") }
    /// A token is not in the vocabulary.
    public static var token: Self { Self("token") }
    /// As many requests wait as may; `retryAfter` says when to try again.
    public static var overloaded: Self { Self("overloaded") }
    /// The answer had not begun when its deadline came.
    public static var deadline: Self { Self("deadline") }
}

extension Failure<EngineDomain> {
    /// How long a request that was refused with `overloaded` should wait before it is tried again.
    public var retryAfter: Duration? { (cause as? Overload)?.retryAfter }

    static func overloaded(waiting: Int, retryAfter: Duration) -> Self {
        Self(
            .overloaded, "\(waiting) requests are waiting already, as many as may", advice: "Try again later",
            cause: Overload(retryAfter: retryAfter))
    }
}

/// The cause of a refusal.
private struct Overload: Error, CustomStringConvertible {
    let retryAfter: Duration

    var description: String { "a place is free in about \(max(1, Int(retryAfter / .seconds(1)))) s" }
}
