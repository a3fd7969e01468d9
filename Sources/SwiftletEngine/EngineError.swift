public import SwiftletGround

public enum EngineDomain: FailureDomain {}

/// What goes wrong between a request and its tokens.
public typealias EngineError = Failure<EngineDomain>

extension Failure<EngineDomain>.Code {
    /// A parameter of a request is outside its range; the place names it.
    public static var invalidParameter: Self { Self("invalid-parameter") }
    /// No token is possible: every logit is minus infinity, or a mask forbids all.
    public static var noCandidate: Self { Self("no-candidate") }
}
