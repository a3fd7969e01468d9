import SwiftletTokenizers

extension Scheduler {
    /// Notes that the plan was performed, and what it took.
    package mutating func completed(seconds: Double) {
        if plan.answerRows > 0 {
            let own = min(seconds, costs.answerSeconds(plan.answerRows) ?? seconds)
            patience = min(Self.mostPatience, patience + own - (seconds - own))
        }
        costs.record(answerRows: plan.answerRows, promptRows: plan.promptRows, seconds: seconds)
        for index in plan.parts.indices {
            let part = plan.parts[index]
            guard slots[part.slot]?.id == part.id else { continue }
            slots[part.slot]?.computed = part.positions.upperBound
            recordPages(part.slot)
            if let client = slots[part.slot]?.client { queue.charge(client, tokens: Double(part.positions.count)) }
            // Others with the same prompt need not wait for the answer's end.
            if part.isLast, slots[part.slot]?.hasBegun == false, var sequence = slots[part.slot] {
                slots[part.slot] = nil
                recordTail(of: &sequence)
                slots[part.slot] = sequence
            }
        }
    }

    /// Records the pages of a sequence that are full now. One that another sequence has as well takes its place: the same
    /// tokens at the same positions have the same keys and values, bit for bit.
    private mutating func recordPages(_ slot: Int) {
        guard let now = slots[slot], now.usesPrefixes, now.recordedPages < now.computed / book.pageSize else { return }
        guard var sequence = slots[slot] else { return }
        slots[slot] = nil
        let size = book.pageSize
        while sequence.recordedPages < sequence.computed / size {
            let index = sequence.recordedPages
            sequence.pages[index] = book.record(
                sequence.pages[index], sequence.tokens[index * size..<(index + 1) * size],
                after: index == 0 ? nil : sequence.pages[index - 1])
            sequence.recordedPages += 1
        }
        slots[slot] = sequence
    }

    /// Records what a sequence's last page holds.
    mutating func recordTail(of sequence: inout SequenceState) {
        let full = sequence.recordedPages
        let tail = sequence.tokens[full * book.pageSize..<max(full * book.pageSize, sequence.computed)]
        guard sequence.usesPrefixes, tail.count >= Self.leastCopied, tail.count < book.pageSize else { return }
        _ = book.record(sequence.pages[full], tail, after: full == 0 ? nil : sequence.pages[full - 1])
    }
}
