import SwiftletEngine
import SwiftletTokenizers
import Testing

/// Single decisions of the scheduler.
struct SchedulerTests {
    private func prompt(_ count: Int, _ first: TokenID = 1) -> [TokenID] { (0..<count).map { first + TokenID($0 % 7) } }

    /// Steps until the requests are done; gives the ids in the order in which they ended.
    private func run(_ machine: SimulatedMachine) -> [Int] {
        while machine.step() {}
        return machine.ended
    }

    @Test func shortPromptsShareAStepAndLongOnesTakeSeveral() throws {
        let machine = SimulatedMachine(pages: 100, maxSequences: 8, batchSize: 32)
        for id in 0..<3 { try machine.submit(id, prompt(10, TokenID(id * 10))) }
        #expect(machine.step())
        #expect(machine.ended == [0, 1, 2])
        try machine.submit(3, prompt(100, 50))
        #expect(run(machine) == [0, 1, 2, 3])
        #expect(machine.steps == 1 + 4)
    }

    /// A prompt that comes while others answer makes a step at most about twice as long.
    @Test func longPromptsDoNotStallAnswers() throws {
        let machine = SimulatedMachine(pages: 1000, maxSequences: 8, batchSize: 256, contextLength: 6000)
        for id in 0..<4 { try machine.submit(id, prompt(8, TokenID(id * 10)), tokens: 2000) }
        for _ in 0..<30 { _ = machine.step() }
        try machine.submit(9, prompt(4000, 100))
        var (longest, steps) = (0, 0)
        while !machine.ended.contains(9) {
            #expect(machine.step())
            // The first ones learn what a row costs.
            if steps > 5 { longest = max(longest, machine.scheduler.plan.rows) }
            #expect(machine.scheduler.plan.parts.count >= 4, "each answer goes on in each step")
            steps += 1
        }
        // Four rows take 14 ms: 14 more rows fit into twice that, of which the plan uses three quarters.
        #expect(longest <= 4 + 14, "\(longest) rows")
        #expect(steps <= 4000 / 10 + 5, "\(steps) steps")
    }

    /// Prompts that fit into a step take one each, until answers have waited long enough.
    @Test func shortPromptsTakeWholeStepsForAWhile() throws {
        let machine = SimulatedMachine(pages: 2000, maxSequences: 40, batchSize: 64, contextLength: 1000)
        machine.row = 0.010
        try machine.submit(0, prompt(8), tokens: 900)
        for _ in 0..<10 { _ = machine.step() }
        for id in 1..<20 { try machine.submit(id, prompt(60, TokenID(id * 10)), usesPrefixes: false) }
        var rows: [Int] = []
        for _ in 0..<8 {
            _ = machine.step()
            rows.append(machine.scheduler.plan.rows)
        }
        // A whole step takes two thirds of a second, and the patience is a second and a half.
        #expect(rows[..<2].allSatisfy { $0 > 55 }, "\(rows)")
        #expect(rows.last! < 45, "\(rows)")
        #expect(Set(run(machine)).count == 20)
    }

    @Test func aSecondRequestFindsWhatTheFirstComputed() throws {
        let machine = SimulatedMachine(pages: 100)
        try machine.submit(0, prompt(53), tokens: 3)
        _ = run(machine)
        try machine.submit(1, prompt(53) + [90, 91], tokens: 1)
        #expect(machine.step())
        // Six full pages, and five tokens of the last one.
        #expect(machine.scheduler.plan.rows == 2)
        #expect(machine.scheduler.cachedTokens == 53)
        #expect(machine.scheduler.prefixHits == 1 && machine.scheduler.prefixQueries == 2)
    }

    /// The same prompt from all at once is computed once.
    @Test func requestsWithTheSameBeginningWaitForTheFirst() throws {
        let machine = SimulatedMachine(pages: 200, maxSequences: 8, batchSize: 16)
        for id in 0..<8 { try machine.submit(id, prompt(100) + [TokenID(50 + id)]) }
        var rows = 0
        while machine.step() { rows += machine.scheduler.plan.rows }
        #expect(rows < 101 + 8 * 8, "\(rows) rows")
    }

    @Test func aChatTurnContinuesInTheSamePages() throws {
        let machine = SimulatedMachine(pages: 100)
        try machine.submit(0, prompt(20), tokens: 10)
        _ = run(machine)
        let kept = machine.scheduler.book.keptCount
        let next = prompt(20) + (machine.answers[0] ?? []) + [40, 41]
        try machine.submit(1, next)
        #expect(machine.step())
        // The last token of an answer is never computed.
        #expect(machine.scheduler.plan.rows == 3)
        #expect(machine.scheduler.book.keptCount == kept)
    }

    @Test func withoutThePrefixCacheNothingIsSharedOrLeft() throws {
        let machine = SimulatedMachine(pages: 100)
        for id in 0..<2 {
            try machine.submit(id, prompt(50), usesPrefixes: false)
            _ = run(machine)
        }
        #expect(machine.scheduler.book.keptCount == 0 && machine.scheduler.cachedTokens == 0)
    }

    /// A client with many requests does not keep another with one waiting for them all.
    @Test func clientsShare() throws {
        let machine = SimulatedMachine(pages: 1000, maxSequences: 4, contextLength: 500)
        for id in 0..<20 { try machine.submit(id, prompt(10, TokenID(id * 9)), tokens: 100, client: "many") }
        for _ in 0..<10 { _ = machine.step() }
        try machine.submit(100, prompt(10, 300), tokens: 5, client: "one")
        let steps = machine.steps
        while !machine.ended.contains(100) { #expect(machine.step()) }
        #expect(machine.steps - steps < 10, "it got a place of the other client's")
        #expect(machine.scheduler.preemptions == 1)
        #expect(Set(run(machine)).count == 21)
    }

    /// Two clients that always have requests waiting are served the same number of tokens, whatever the sizes of theirs.
    @Test func clientsAreServedAlike() throws {
        let machine = SimulatedMachine(pages: 1000, maxSequences: 2, maxWaiting: 1000, contextLength: 500)
        var id = 0
        for _ in 0..<200 {
            try? machine.submit(id, prompt(30, TokenID(id % 90)), tokens: 30, client: "large", usesPrefixes: false)
            try? machine.submit(id + 1, prompt(5, TokenID(id % 80)), tokens: 5, client: "small", usesPrefixes: false)
            id += 2
        }
        for _ in 0..<600 { _ = machine.step() }
        let tokens = machine.ended.reduce(into: [0, 0]) { $0[$1 % 2] += $1 % 2 == 0 ? 90 : 15 }
        #expect(abs(tokens[0] - tokens[1]) <= 3 * 90, "\(tokens)")
    }

    @Test func prioritiesGoFirst() throws {
        let machine = SimulatedMachine(pages: 100, maxSequences: 1)
        try machine.submit(0, prompt(8), tokens: 20)
        for _ in 0..<3 { _ = machine.step() }
        try machine.submit(1, prompt(8, 20), tokens: 2)
        try machine.submit(2, prompt(8, 40), tokens: 2, priority: 5)
        #expect(run(machine) == [2, 0, 1])
    }

    @Test func anyNumberIsAPriority() throws {
        let machine = SimulatedMachine(pages: 100, maxSequences: 1)
        for (id, priority) in [Int.min, 0, .max, .min, -1].enumerated() {
            try machine.submit(id, prompt(8, TokenID(id * 10)), tokens: 2, priority: priority)
        }
        #expect(run(machine) == [2, 1, 4, 0, 3])
    }

    @Test func deadlinesEndWhatHasNotBegun() throws {
        let machine = SimulatedMachine(pages: 100, maxSequences: 1)
        try machine.submit(0, prompt(8), tokens: 50, deadline: machine.now.advanced(by: .milliseconds(100)))
        try machine.submit(1, prompt(8, 20), deadline: machine.now.advanced(by: .milliseconds(100)))
        #expect(run(machine) == [0])
        #expect(machine.expired == [1])
    }

    /// When pages run out the newest gives way, and goes on later from what is still there.
    @Test func theNewestGivesWay() throws {
        let machine = SimulatedMachine(pages: 8, maxSequences: 4)
        for id in 0..<3 { try machine.submit(id, prompt(8, TokenID(id * 10)), tokens: 25) }
        #expect(run(machine) == [0, 1, 2])
        #expect(machine.scheduler.preemptions > 0)
    }

    @Test func whatCanNeverFitIsRefused() throws {
        let machine = SimulatedMachine(pages: 4, maxSequences: 2, maxWaiting: 1)
        #expect(throws: Scheduler.Refusal.self) { try machine.submit(0, prompt(33)) }
        try machine.submit(1, prompt(32), tokens: 1)
        try machine.submit(2, prompt(32), tokens: 1)
        try machine.submit(3, prompt(8), tokens: 1)
        #expect(throws: Scheduler.Refusal.self) { try machine.submit(4, prompt(8)) }
        #expect(run(machine) == [1, 2, 3])
    }

    @Test func aFullContextShiftsAndGoesOn() throws {
        let machine = SimulatedMachine(pages: 10, contextLength: 30)
        try machine.submit(0, prompt(20), tokens: 200)
        #expect(run(machine) == [0])
        #expect(machine.answers[0]?.count == 200)
    }
}
