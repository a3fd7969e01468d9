package import SwiftletTokenizers

/// A request as the scheduler sees it, waiting or running: its text so far and the pages that hold what is computed of it.
package struct SequenceState: Sendable {
    package typealias ID = Int

    package let id: ID
    package let client: String
    package let priority: Int
    /// When the answer must have begun.
    package let deadline: ContinuousClock.Instant?
    package let usesPrefixes: Bool
    /// Prompt and answer.
    package internal(set) var tokens: [TokenID]
    /// Tokens whose keys and values lie in `pages`.
    package internal(set) var computed = 0
    package internal(set) var pages: [Int] = []
    /// Tokens that were there already when the sequence first ran.
    package internal(set) var cached = 0
    /// Whether a token of the answer has come.
    package internal(set) var hasBegun = false
    /// Place in the line of all requests, kept when it must wait again.
    var order = 0
    /// Leading pages that the book has a record of.
    var recordedPages = 0
    var hasLookedUp = false

    /// `capacity`: tokens that the sequence will hardly outgrow.
    package init(
        id: ID, prompt: [TokenID], client: String = "", priority: Int = 0, deadline: ContinuousClock.Instant? = nil,
        usesPrefixes: Bool = true, capacity: Int = 0
    ) {
        (self.id, self.client, self.priority, self.deadline) = (id, client, priority, deadline)
        (self.usesPrefixes, tokens) = (usesPrefixes, prompt)
        tokens.reserveCapacity(max(capacity, prompt.count))
    }

    /// Tokens that a step still has to take in before the next one can be chosen.
    package var pending: Int { tokens.count - computed }

    /// Whether it answers, rather than reads its prompt or, after it had to wait, reads it again.
    var isGenerating: Bool { hasBegun && pending <= Scheduler.mostForced }

    /// Whether it goes before another when there is not enough for both.
    func goesBefore(_ other: SequenceState) -> Bool { (other.priority, order) < (priority, other.order) }
}
