public import SwiftletTokenizers

/// One answer to generate: what goes before it, how it is to be, and whose turn it is.
public struct GenerationRequest: Sendable {
    /// All tokens before the answer.
    public var prompt: [TokenID]
    public var parameters: GenerationParameters
    /// What the answer's tokens must obey; nil for nothing.
    public var constraint: (any TokenConstraint)?
    /// Whom the request is for: clients that wait share the machine by tokens, whatever the number of their requests.
    public var client: String
    /// Requests of a higher priority go first, always; 0 by default.
    public var priority: Int
    /// When the answer must have begun: a request that waits longer fails with `EngineError.Code.deadline`.
    public var deadline: ContinuousClock.Instant?
    /// Whether what others computed of the same beginning is used, and this request's is left for others.
    public var usesPrefixCache: Bool

    public init(
        prompt: [TokenID], parameters: GenerationParameters = GenerationParameters(),
        constraint: (any TokenConstraint)? = nil, client: String = "", priority: Int = 0,
        deadline: ContinuousClock.Instant? = nil, usesPrefixCache: Bool = true
    ) {
        (self.prompt, self.parameters, self.constraint) = (prompt, parameters, constraint)
        (self.client, self.priority, self.deadline) = (client, priority, deadline)
        self.usesPrefixCache = usesPrefixCache
    }
}
