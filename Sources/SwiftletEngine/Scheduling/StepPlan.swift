/// What one step does, in this order: requests leave, pages are copied, rows go through the model.
package struct StepPlan: Sendable {
    /// Rows of one sequence.
    package struct Part: Sendable {
        package let id: SequenceState.ID
        /// The place of the sequence among those that run.
        package let slot: Int
        /// Tokens of the sequence, from the first whose keys and values are not there.
        package let positions: Range<Int>
        /// Whether they are the last of its tokens, so that the next one can be chosen.
        package let isLast: Bool
    }

    /// Requests whose deadline has come; they are gone.
    package internal(set) var expired: [SequenceState.ID] = []
    /// Requests that run for the first time.
    package internal(set) var started: [SequenceState.ID] = []
    /// Pages whose contents go to other pages first, one after the other.
    package internal(set) var copies: [(from: Int, to: Int)] = []
    package internal(set) var parts: [Part] = []
    var answerRows = 0
    var promptRows = 0

    package var rows: Int { answerRows + promptRows }

    /// Keeps its memory.
    mutating func removeAll() {
        expired.removeAll(keepingCapacity: true)
        started.removeAll(keepingCapacity: true)
        copies.removeAll(keepingCapacity: true)
        parts.removeAll(keepingCapacity: true)
        (answerRows, promptRows) = (0, 0)
    }
}
