extension Scheduler {
    /// Ends every request whose answer should have begun by now.
    mutating func expire(at now: ContinuousClock.Instant) {
        for sequence in queue.removeExpired(at: now) { plan.expired.append(sequence.id) }
        for slot in order.reversed() {
            guard let sequence = slots[slot], !sequence.hasBegun, let deadline = sequence.deadline, deadline <= now
            else {
                continue
            }
            plan.expired.append(sequence.id)
            _ = vacate(slot)
        }
    }

    /// Lets those run whose turn it is, as long as there are places and pages. Who does not fit is waited for, so that large
    /// requests get their turn too.
    mutating func admit() {
        while let next = queue.first {
            if order.count == slots.count {
                guard let victim = victim(for: next) else { return }
                preempt(victim)
            }
            while !fits(next) {
                guard let last = order.last, let worst = slots[last], worst.priority < next.priority else { return }
                preempt(last)
            }
            guard let sequence = queue.remove(next.id), let slot = slots.firstIndex(where: { $0 == nil }) else {
                return
            }
            if !sequence.hasBegun, sequence.cached == 0, !sequence.hasLookedUp { plan.started.append(sequence.id) }
            queue.run(sequence.client, by: 1)
            slots[slot] = sequence
            let place = order.firstIndex { slots[$0].map(sequence.goesBefore) ?? false } ?? order.endIndex
            order.insert(slot, at: place)
        }
    }

    /// Whose place a request takes when all are taken: that of a lower priority, or of a client that has at least two more
    /// places than the request's own, if what was computed of it stays to be found.
    private func victim(for next: SequenceState) -> Int? {
        guard let last = order.last, let worst = slots[last] else { return nil }
        if worst.priority < next.priority { return last }
        guard worst.priority == next.priority else { return nil }
        let own = queue.running(next.client)
        return order.reversed().first { slot in
            guard let other = slots[slot], other.usesPrefixes, other.priority == next.priority else { return false }
            return queue.running(other.client) >= own + 2
        }
    }

    /// Whether there are pages for all of a request's tokens and one more for each sequence that runs, besides those that
    /// running sequences will still take for their prompts.
    private func fits(_ next: SequenceState) -> Bool {
        guard !order.isEmpty else { return true }
        let needed = book.pages(for: next.tokens.count) - sharedPages(next)
        let promised = order.reduce(0) { sum, slot in
            sum + (slots[slot].map { max(0, book.pages(for: $0.tokens.count) - $0.pages.count) } ?? 0)
        }
        return needed + promised + order.count <= book.availableCount
    }

    /// Pages that the request would hold together with others.
    private func sharedPages(_ next: SequenceState) -> Int {
        guard next.usesPrefixes else { return 0 }
        let size = book.pageSize
        var (parent, shared, start) = (Int?.none, 0, 0)
        while start + size < next.tokens.count, let page = book.next(next.tokens[start..<start + size], after: parent) {
            if book.isHeld(page) { shared += 1 }
            parent = page
            start += size
        }
        return shared
    }

    /// Sends a running sequence back to wait; what was computed of it stays to be found for as long as possible.
    mutating func preempt(_ slot: Int) {
        guard let sequence = vacate(slot) else { return }
        preemptions += 1
        queue.push(sequence)
    }

    /// Frees a place: records what its sequence has computed, and lets go of its pages.
    mutating func vacate(_ slot: Int) -> SequenceState? {
        guard var sequence = slots[slot] else { return nil }
        slots[slot] = nil
        order.removeAll { $0 == slot }
        recordTail(of: &sequence)
        while let page = sequence.pages.popLast() { book.release(page) }
        (sequence.computed, sequence.recordedPages) = (0, 0)
        queue.run(sequence.client, by: -1)
        return sequence
    }
}
