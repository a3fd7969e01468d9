import SwiftletEngine
import SwiftletTokenizers
import Testing

/// Random requests, cancellations and deadlines against what must always hold: pages within the budget and in one place each,
/// every cell as its reader expects it, every request ends, and an answer is the same whatever else ran.
struct SchedulerModelTests {
    @Test(arguments: 0..<60) func randomRuns(_ seed: Int) throws {
        var random = RandomSource(seed: UInt64(seed))
        func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
        let pages = number(3..<40), pageSize = [4, 8, 16][number(0..<3)]
        let machine = SimulatedMachine(
            pages: pages, pageSize: pageSize, maxSequences: number(1..<7), maxWaiting: number(0..<50),
            batchSize: [1, 5, 32, 64][number(0..<4)], contextLength: number(16..<200))
        let length = machine.scheduler.contextLength
        let forced = number(0..<3) * 5
        var (accepted, cancelled): (Set<Int>, Set<Int>) = ([], [])
        var alone: [Int: (prompt: [TokenID], tokens: Int)] = [:]
        // Few different beginnings, so that much is shared.
        let beginnings = (0..<4).map { _ in (0..<number(0..<length)).map { _ in TokenID(number(0..<3)) } }
        for id in 0..<150 {
            for _ in 0..<number(0..<4) { _ = machine.step(forced: forced) }
            var prompt = beginnings[number(0..<4)].prefix(number(0..<length)) + []
            prompt += (0..<number(1..<12)).map { _ in TokenID(number(0..<5)) }
            let tokens = number(1..<30)
            let deadline =
                number(0..<5) == 0 ? machine.now.advanced(by: .milliseconds(number(1..<400))) : nil
            do {
                try machine.submit(
                    id, Array(prompt), tokens: tokens, client: ["a", "b", "c"][number(0..<3)],
                    priority: number(0..<8) == 0 ? 1 : 0, deadline: deadline, usesPrefixes: number(0..<6) > 0)
                accepted.insert(id)
                if prompt.count + tokens <= length { alone[id] = (Array(prompt), tokens) }
            } catch Scheduler.Refusal.promptTooLong {
                #expect(prompt.count > length)
            } catch Scheduler.Refusal.overloaded(let waiting, let turnover) {
                #expect(waiting >= machine.scheduler.limits.maxWaiting && turnover > .zero)
            }
            if number(0..<6) == 0, let victim = accepted.sorted().randomElement(using: &random) {
                if !machine.ended.contains(victim), !machine.expired.contains(victim) { cancelled.insert(victim) }
                machine.cancel(victim)
            }
        }
        var left = 20_000
        while !machine.scheduler.isIdle, left > 0 {
            // Where the last request's time is over there is nothing to compute.
            let hasRows = machine.step(forced: forced)
            #expect(hasRows || !machine.scheduler.plan.expired.isEmpty, "requests are left, but there is no step")
            left -= 1
        }
        #expect(machine.scheduler.isIdle, "not all end")
        #expect(machine.scheduler.book.heldCount == 0)
        #expect(Set(machine.ended).union(machine.expired).union(cancelled) == accepted)
        #expect(machine.ended.count + machine.expired.count + cancelled.count == accepted.count)
        guard forced == 0 else { return }
        for id in machine.ended {
            guard let (prompt, tokens) = alone[id] else { continue }
            #expect(machine.answers[id] == answer(prompt, tokens))
        }
    }

    /// The simulated model's answer to a prompt that nothing else runs beside.
    private func answer(_ prompt: [TokenID], _ count: Int) -> [TokenID] {
        var text = prompt
        for _ in 0..<count { text.append(TokenID(SimulatedMachine.digest(text[...]) % 5)) }
        return Array(text[prompt.count...])
    }
}
