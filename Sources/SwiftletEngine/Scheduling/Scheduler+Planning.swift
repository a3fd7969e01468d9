import SwiftletTokenizers

extension Scheduler {
    /// Makes `plan` the next step; false if there is nothing to compute.
    ///
    /// Answers go on by their tokens. Long prompts get what fits beside them: as much time as the answers' own, more where more
    /// sequences wait for their first token than answer, and whole batches where none answers. Prompts that one step can take
    /// in get a whole one, which is cheaper by the row, as long as the answers have not waited too much for such. Who goes
    /// before the others gets rows and pages first.
    package mutating func makePlan(at now: ContinuousClock.Instant) -> Bool {
        plan.removeAll()
        if order.isEmpty { patience = Self.mostPatience }
        expire(at: now)
        admit()
        var room = promptRoom()
        var index = 0
        while index < order.count {
            let slot = order[index]
            if planRows(slot, &room) { index += 1 }
        }
        return !plan.parts.isEmpty
    }

    /// Prompt rows of a step: of all prompts, and of those among them that are too long for one step.
    private struct Room {
        var all: Int
        var long: Int

        /// Rows of a prompt; the end of a long one is no short one.
        func rows(of sequence: SequenceState, batchSize: Int) -> Int {
            let isShort = sequence.tokens.count - sequence.cached <= batchSize
            return min(sequence.pending, isShort ? all : min(long, all))
        }

        mutating func take(_ count: Int) {
            all -= count
            long = max(0, long - count)
        }
    }

    private func promptRoom() -> Room {
        var (answers, prompts, rows) = (0, 0, 0)
        for slot in order {
            guard let sequence = slots[slot] else { continue }
            if sequence.isGenerating {
                answers += 1
                rows += sequence.pending
            } else {
                prompts += 1
            }
        }
        let most = limits.batchSize
        guard answers > 0, prompts > 0 else { return Room(all: most, long: most) }
        var fitting = Self.firstPiece
        if let seconds = costs.answerSeconds(rows) {
            let share = max(Self.share, Double(prompts) / Double(answers))
            fitting = costs.promptRows(in: seconds * share) ?? fitting
        }
        fitting = min(max(fitting, Self.leastPiece), most)
        return Room(all: patience > 0 ? most : fitting, long: fitting)
    }

    /// Time of prompts for a second of answers: steps stay within twice the time, costs being estimates.
    private static let share = 0.75
    /// Seconds that answers wait at most for whole prompts; they get them back while they go on alone.
    static let mostPatience = 1.5
    /// Prompt rows beside answers before any step was measured, and the least at any time.
    private static let firstPiece = 32
    private static let leastPiece = 4

    /// Adds a sequence's rows to the plan; false if it had to leave its place for want of pages.
    private mutating func planRows(_ slot: Int, _ room: inout Room) -> Bool {
        guard slots[slot] != nil else { return true }
        let isAnswer = slots[slot]?.isGenerating ?? false
        if !isAnswer {
            guard room.all > 0, !waitsForAnother(slot) else { return true }
            lookUp(slot)
        }
        guard let sequence = slots[slot] else { return true }
        let count = isAnswer ? sequence.pending : room.rows(of: sequence, batchSize: limits.batchSize)
        guard count > 0 else { return true }
        while slots[slot].map({ $0.pages.count < book.pages(for: sequence.computed + count) }) ?? false {
            if let page = book.take() {
                slots[slot]?.pages.append(page)
            } else {
                // The last in order: others, or the sequence itself.
                guard let last = order.last else { return true }
                preempt(last)
                if last == slot { return false }
            }
        }
        if isAnswer {
            plan.answerRows += count
        } else {
            plan.promptRows += count
            room.take(count)
        }
        plan.parts.append(
            StepPlan.Part(
                id: sequence.id, slot: slot, positions: sequence.computed..<sequence.computed + count,
                isLast: count == sequence.pending))
        return true
    }

    /// Finds what others computed of the tokens that come next; at the border of a page only, since pages are what is shared.
    private mutating func lookUp(_ slot: Int) {
        guard var sequence = slots[slot], sequence.usesPrefixes else { return }
        let size = book.pageSize
        guard sequence.computed == sequence.pages.count * size, sequence.recordedPages == sequence.pages.count else {
            return
        }
        slots[slot] = nil
        defer { slots[slot] = sequence }
        let start = sequence.computed
        // One token is left to compute: the next one's logits are its own.
        let end = sequence.tokens.count - 1
        while sequence.computed + size <= end,
            let page = book.next(
                sequence.tokens[sequence.computed..<sequence.computed + size], after: sequence.pages.last)
        {
            book.hold(page)
            sequence.pages.append(page)
            sequence.recordedPages += 1
            sequence.computed += size
        }
        let rest = sequence.tokens[sequence.computed..<max(sequence.computed, min(sequence.computed + size, end))]
        if let (page, count) = book.best(rest, after: sequence.pages.last), count >= Self.leastCopied {
            if book.canContinue(page, after: count) {
                book.hold(page)
                sequence.pages.append(page)
                sequence.computed += count
            } else if let copy = book.take() {
                // It may be the very page, if that was the oldest.
                if copy != page { plan.copies.append((from: page, to: copy)) }
                sequence.pages.append(copy)
                sequence.computed += count
            }
        }
        count(found: sequence.computed - start, &sequence)
    }

    /// Whether a sequence that goes before this one is about to compute the page that this one needs next.
    private func waitsForAnother(_ slot: Int) -> Bool {
        guard let sequence = slots[slot], sequence.usesPrefixes else { return false }
        let (size, start) = (book.pageSize, sequence.computed)
        guard start == sequence.pages.count * size, sequence.pending > size else { return false }
        let wanted = sequence.tokens[start..<start + size]
        if book.next(wanted, after: sequence.pages.last) != nil { return false }
        let page = sequence.pages.count
        for other in order {
            guard other != slot, let rival = slots[other] else { return false }
            guard rival.usesPrefixes, rival.recordedPages == page, rival.tokens.count >= start + size,
                page == 0 || rival.pages[page - 1] == sequence.pages[page - 1]
            else { continue }
            if rival.tokens[start..<start + size] == wanted { return true }
        }
        return false
    }

    private mutating func count(found: Int, _ sequence: inout SequenceState) {
        if !sequence.hasLookedUp {
            sequence.hasLookedUp = true
            prefixQueries += 1
            if found > 0 { prefixHits += 1 }
        }
        guard !sequence.hasBegun else { return }
        sequence.cached += found
        cachedTokens += found
    }
}
