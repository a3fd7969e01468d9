package import SwiftletTokenizers

/// Decides which requests run, what each step computes, and which pages hold it: a value without memory, threads or a clock.
///
/// Continuous batching (Yu et al. 2022, Orca): each step takes in one token of every answer and a piece of the prompts. The
/// caller performs `plan`, reports with `completed`, and then appends to or ends every sequence that a last part belongs to.
package struct Scheduler: Sendable {
    package struct Limits: Sendable {
        /// Requests that run at once.
        package var maxSequences: Int
        /// Requests that wait.
        package var maxWaiting: Int
        /// Prompt rows of a step without answers.
        package var batchSize: Int
        /// Tokens of a sequence, bounded by the pages that there are.
        package var contextLength: Int

        package init(maxSequences: Int, maxWaiting: Int, batchSize: Int, contextLength: Int) {
            (self.maxSequences, self.maxWaiting) = (max(1, maxSequences), max(0, maxWaiting))
            (self.batchSize, self.contextLength) = (max(1, batchSize), contextLength)
        }
    }

    package enum Refusal: Error, Sendable {
        /// As many wait as may; a running request ends about every `turnover`.
        case overloaded(waiting: Int, turnover: Duration)
        case promptTooLong
    }

    package let limits: Limits
    package internal(set) var plan = StepPlan()
    package internal(set) var book: PageBook
    package internal(set) var preemptions = 0
    package internal(set) var prefixQueries = 0
    package internal(set) var prefixHits = 0
    package internal(set) var cachedTokens = 0

    var queue = FairQueue()
    /// The sequences that run, in places that they keep.
    var slots: [SequenceState?]
    /// The places in use, the sequence that goes before the others first.
    var order: [Int] = []
    var costs = StepCosts()
    /// Seconds that answers may still wait for whole prompts.
    var patience = Scheduler.mostPatience
    private var submitted = 0

    /// Tokens that an answer may take in at once where a constraint leaves no choice.
    package static let mostForced = 32
    /// Fewer tokens of a page are computed sooner than copied.
    static let leastCopied = 4
    /// What a chosen token counts when clients are compared, against 1 for a token that was read.
    static let answerWeight = 2.0

    package init(_ limits: Limits, book: PageBook) {
        self.limits = limits
        self.book = book
        let most = book.pageCount * book.pageSize
        slots = [SequenceState?](repeating: nil, count: limits.maxSequences)
        order.reserveCapacity(limits.maxSequences)
        contextLength = min(limits.contextLength, most)
    }

    /// Tokens of a sequence: what was asked for, or what all pages hold.
    package let contextLength: Int

    package var runningCount: Int { order.count }
    package var waitingCount: Int { queue.count }
    package var isIdle: Bool { order.isEmpty && queue.count == 0 }

    /// The sequence in a place; nil if that is free.
    package subscript(slot: Int) -> SequenceState? { slots[slot] }

    /// The place where a request runs; nil if it waits or is unknown.
    package func slot(of id: SequenceState.ID) -> Int? { order.first { slots[$0]?.id == id } }

    /// Takes a request in; it begins with a later plan.
    package mutating func submit(_ sequence: SequenceState) throws(Refusal) {
        guard sequence.tokens.count <= contextLength else { throw .promptTooLong }
        guard queue.count < limits.maxWaiting + limits.maxSequences - order.count else {
            throw .overloaded(waiting: queue.count, turnover: turnover)
        }
        var sequence = sequence
        sequence.order = submitted
        submitted += 1
        queue.push(sequence)
    }

    /// Takes a request out, wherever it is, and leaves what was computed of it for others.
    package mutating func remove(_ id: SequenceState.ID) {
        if let slot = slot(of: id) {
            _ = vacate(slot)
        } else {
            _ = queue.remove(id)
        }
    }

    /// Continues a sequence by tokens that were chosen.
    package mutating func append(_ tokens: some Collection<TokenID>, to slot: Int) {
        precondition(tokens.count <= Self.mostForced, "\(tokens.count) tokens at once")
        slots[slot]?.tokens.append(contentsOf: tokens)
        slots[slot]?.hasBegun = true
        if let client = slots[slot]?.client {
            queue.charge(client, tokens: Double(tokens.count) * (Self.answerWeight - 1))
        }
    }

    /// Makes a sequence that outgrew its context shorter: the first `keep` tokens stay, half of the others go, and the rest is
    /// read again at its new positions.
    package mutating func shift(_ slot: Int, keep: Int) {
        guard var sequence = slots[slot] else { return }
        slots[slot] = nil
        let excess = sequence.tokens.count - contextLength
        let kept = min(max(0, keep), max(0, contextLength - 1 - excess))
        let dropped = max(excess, (contextLength - kept) / 2, 1)
        sequence.tokens.removeSubrange(kept..<min(kept + dropped, sequence.tokens.count - 1))
        // A page that is kept in part may be others' too.
        let pages = min(kept, sequence.computed) / book.pageSize
        while sequence.pages.count > pages { book.release(sequence.pages.removeLast()) }
        sequence.computed = pages * book.pageSize
        sequence.recordedPages = min(sequence.recordedPages, pages)
        slots[slot] = sequence
    }

    /// About how long it takes until a place is free.
    private var turnover: Duration {
        let step = costs.answerSeconds(max(1, order.count)) ?? 0.05
        let tokens = order.reduce(0) { $0 + (slots[$1]?.tokens.count ?? 0) }
        // Sequences last about as long again as they have lasted.
        return .seconds(min(60, max(1, step * Double(tokens) / Double(max(1, order.count)) / 4)))
    }
}
