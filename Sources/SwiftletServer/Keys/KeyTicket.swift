import SwiftletEngine
import Synchronization

/// A request of a key, from its first stage to its last byte.
final class KeyTicket: Sendable {
    /// Closes when the client goes, or when the key is revoked.
    let scope: Connection
    private let use: KeyUse
    private let number: Int
    private let connection: Connection
    private let place: Int
    private let counted = Mutex(Counted())

    private struct Counted {
        /// Tokens of prompts, by the numbers of their answers.
        var prompts: [Int: Int] = [:]
        var all = 0
    }

    init(_ use: KeyUse, _ number: Int, _ scope: Connection, within connection: Connection) {
        (self.use, self.number, self.scope, self.connection) = (use, number, scope, connection)
        place = connection.add(scope)
    }

    // An answer that is never written ends with its ticket.
    deinit { end() }

    /// Counts what an answer takes as it comes, so that who goes before its end has used what was done.
    func take(_ event: ChatEvent, choice: Int) {
        switch event {
        case .prompt(let done, _): prompt(done, choice)
        case .token: count(1)
        case .finished(let result): prompt(result.generation.promptTokens, choice)
        case .reasoning, .content, .toolCallStart, .toolCallArguments, .toolCallEnd: break
        }
    }

    private func prompt(_ tokens: Int, _ choice: Int) {
        let more = counted.withLock { counted in
            let before = counted.prompts[choice] ?? 0
            counted.prompts[choice] = max(before, tokens)
            return tokens - before
        }
        if more > 0 { count(more) }
    }

    /// Counts texts that are only read.
    func read(tokens: Int) { count(tokens) }

    /// All that was counted.
    var tokens: Int { counted.withLock(\.all) }

    private func count(_ tokens: Int) {
        counted.withLock { $0.all += tokens }
        use.count(tokens)
    }

    func end() {
        connection.remove(place)
        use.finish(number)
    }
}
