import Hummingbird
import Synchronization

/// One key's use by this server: what it asked for of late, and its running requests, which end when it is revoked.
final class KeyUse: Sendable {
    private struct State {
        var usage: KeyUsage
        var tickets: [Int: Connection] = [:]
        var next = 0
        var end: RequestFailure?
    }

    private let state: Mutex<State>

    init(_ usage: KeyUsage = KeyUsage()) { state = Mutex(State(usage: usage)) }

    /// Takes a request in, or throws why it may not begin. What `connection` brings to an end ends the request, too.
    func begin(_ key: APIKey, _ connection: Connection) throws(RequestFailure) -> KeyTicket {
        let scope = Connection()
        let number: Result<Int, RequestFailure> = state.withLock { state in
            if let end = state.end { return .failure(end) }
            if let refusal = state.usage.begin(key.limits, at: .now) { return .failure(RequestFailure(refusal)) }
            state.next += 1
            state.tickets[state.next] = scope
            return .success(state.next)
        }
        return KeyTicket(self, try number.get(), scope, within: connection)
    }

    func finish(_ number: Int) {
        state.withLock { state in
            guard state.tickets.removeValue(forKey: number) != nil else { return }
            state.usage.end()
        }
    }

    /// Counts tokens that a request read or wrote.
    func count(_ tokens: Int) { state.withLock { $0.usage.count(tokens, at: .now) } }

    /// The key is no more: its requests end, and no other begins.
    func end(_ reason: RequestFailure) {
        state.withLock { $0.end = reason }
        cancel(reason)
    }

    /// Ends the requests that run now.
    func cancel(_ reason: RequestFailure) {
        let scopes = state.withLock { Array($0.tickets.values) }
        for scope in scopes { scope.close(reason) }
    }
}

extension RequestFailure {
    fileprivate init(_ refusal: KeyUsage.Refusal) {
        let (message, wait): (String, Duration) =
            switch refusal {
            case .concurrent(let limit): ("this API key may have \(limit) requests at a time", .seconds(1))
            case .requests(let limit, let wait): ("this API key may make \(limit) requests a minute", wait)
            case .tokens(let limit, let wait): ("this API key may use \(limit) tokens in 24 hours", wait)
            }
        // Rounded up, so that who waits as told is let in.
        let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
        self.init(.tooManyRequests, "\(message). Try again in \(seconds) s", retryAfter: seconds)
        code = Self.limited
    }

    /// The code of requests that came too often.
    static let limited = "rate-limited"
}
