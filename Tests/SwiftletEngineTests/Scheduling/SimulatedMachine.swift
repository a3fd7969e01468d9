import SwiftletEngine
import SwiftletTokenizers
import Testing

/// Performs a scheduler's plans without a model: the memory of a page says, for each cell, which tokens were before it when it
/// was computed. Every step checks that a sequence finds exactly its own text in its pages.
final class SimulatedMachine {
    var scheduler: Scheduler
    var now = ContinuousClock.now
    private(set) var steps = 0
    /// What a token and all before it come to, for each cell of each page.
    private var cells: [[UInt64]]
    /// The answers so far.
    private(set) var answers: [Int: [TokenID]] = [:]
    /// Requests that left, in order.
    private(set) var ended: [Int] = []
    private(set) var expired: [Int] = []
    private var wanted: [Int: Int] = [:]

    /// Seconds of a step: a base, and a share for each row.
    var base = 0.010
    var row = 0.001

    init(
        pages: Int, pageSize: Int = 8, maxSequences: Int = 4, maxWaiting: Int = 100, batchSize: Int = 32,
        contextLength: Int = 1000
    ) {
        let limits = Scheduler.Limits(
            maxSequences: maxSequences, maxWaiting: maxWaiting, batchSize: batchSize, contextLength: contextLength)
        scheduler = Scheduler(limits, book: PageBook(pageCount: pages, pageSize: pageSize))
        cells = Array(repeating: Array(repeating: 0, count: pageSize), count: pages)
    }

    /// Asks for `tokens` tokens after a prompt.
    func submit(
        _ id: Int, _ prompt: [TokenID], tokens: Int = 1, client: String = "", priority: Int = 0,
        deadline: ContinuousClock.Instant? = nil, usesPrefixes: Bool = true
    ) throws {
        try scheduler.submit(
            SequenceState(
                id: id, prompt: prompt, client: client, priority: priority, deadline: deadline,
                usesPrefixes: usesPrefixes))
        wanted[id] = tokens
        answers[id] = []
    }

    func cancel(_ id: Int) {
        scheduler.remove(id)
        wanted[id] = nil
    }

    /// One step; false if there was nothing to do. `forced`: tokens that come at once after each chosen one.
    func step(forced: Int = 0) -> Bool {
        let hasRows = scheduler.makePlan(at: now)
        for id in scheduler.plan.expired {
            expired.append(id)
            wanted[id] = nil
        }
        guard hasRows else { return false }
        steps += 1
        for (from, to) in scheduler.plan.copies { cells[to] = cells[from] }
        var writers: [Int: Int] = [:]
        for part in scheduler.plan.parts { compute(part, &writers) }
        let seconds = base + row * Double(scheduler.plan.rows)
        now = now.advanced(by: .seconds(seconds))
        scheduler.completed(seconds: seconds)
        scheduler.book.checkInvariants()
        for part in scheduler.plan.parts where part.isLast {
            guard let sequence = scheduler[part.slot] else { continue }
            // A function of the text alone, so that an answer does not depend on who else ran.
            let next = TokenID(Self.digest(sequence.tokens[...]) % 5)
            answers[part.id]?.append(next)
            let count = answers[part.id]?.count ?? 0
            if count >= wanted[part.id] ?? 0 {
                scheduler.remove(part.id)
                wanted[part.id] = nil
                ended.append(part.id)
            } else {
                let more = (0..<max(0, min(forced, (wanted[part.id] ?? 0) - count - 1))).map { TokenID($0 % 3) }
                answers[part.id]?.append(contentsOf: more)
                scheduler.append([next] + more, to: part.slot)
                if let tokens = scheduler[part.slot]?.tokens.count, tokens > scheduler.contextLength {
                    scheduler.shift(part.slot, keep: 2)
                }
            }
        }
        scheduler.book.checkInvariants()
        return true
    }

    private func compute(_ part: StepPlan.Part, _ writers: inout [Int: Int]) {
        guard let sequence = scheduler[part.slot] else {
            Issue.record("a part of an empty place")
            return
        }
        #expect(sequence.id == part.id && !part.positions.isEmpty)
        #expect(part.positions.lowerBound == sequence.computed && part.positions.upperBound <= sequence.tokens.count)
        #expect(part.isLast == (part.positions.upperBound == sequence.tokens.count))
        let size = scheduler.book.pageSize
        #expect(sequence.pages.count * size >= part.positions.upperBound)
        var text: UInt64 = 0
        for (position, token) in sequence.tokens[..<part.positions.upperBound].enumerated() {
            text = Self.next(text, token)
            let page = sequence.pages[position / size]
            if part.positions.contains(position) {
                #expect(
                    writers.updateValue(part.id, forKey: page) ?? part.id == part.id, "page \(page) has two writers")
                cells[page][position % size] = text
            } else if cells[page][position % size] != text {
                Issue.record("cell \(position) of sequence \(part.id) holds another text")
            }
        }
    }

    static func digest(_ tokens: ArraySlice<TokenID>) -> UInt64 { tokens.reduce(0, next) >> 33 }

    private static func next(_ text: UInt64, _ token: TokenID) -> UInt64 {
        (text ^ UInt64(truncatingIfNeeded: token) &+ 0x9E37_79B9_7F4A_7C15) &* 0xD6E8_FEB8_6659_FD93 &+ 1
    }
}
