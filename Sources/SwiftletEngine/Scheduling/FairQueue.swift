import SwiftletGround

/// Requests that wait: the highest priority first, within one the client that has been served least, its oldest request first.
///
/// Service is counted in tokens, as in Virtual Token Counters (Sheng et al. 2024, arXiv:2401.00588): a client that comes back
/// is taken to have had as much as the least served of those that are there, so that nobody saves up.
struct FairQueue: Sendable {
    private(set) var count = 0
    private var clients: [ByteString: Client] = [:]
    /// No request expires before this; nil if none ever does.
    private var nextDeadline: ContinuousClock.Instant?

    private struct Client: Sendable {
        var service = 0.0
        var running = 0
        /// In their order.
        var waiting: [SequenceState] = []

        var isActive: Bool { running > 0 || !waiting.isEmpty }
    }

    /// Clients that are remembered after their last request.
    private static let remembered = 256

    /// The request whose turn it is.
    var first: SequenceState? {
        var best: (client: Client, sequence: SequenceState)?
        for client in clients.values {
            guard let sequence = client.waiting.first else { continue }
            guard let rival = best else {
                best = (client, sequence)
                continue
            }
            if (rival.sequence.priority, client.service, sequence.order)
                < (sequence.priority, rival.client.service, rival.sequence.order)
            {
                best = (client, sequence)
            }
        }
        return best?.sequence
    }

    mutating func push(_ sequence: SequenceState) {
        let key = ByteString(sequence.client)
        var client = clients[key] ?? Client()
        if !client.isActive {
            forgetIdle()
            client.service = max(client.service, leastService ?? 0)
        }
        clients[key] = nil
        let place = client.waiting.firstIndex { sequence.goesBefore($0) } ?? client.waiting.endIndex
        client.waiting.insert(sequence, at: place)
        clients[key] = client
        count += 1
        if let deadline = sequence.deadline, !sequence.hasBegun {
            nextDeadline = min(nextDeadline ?? deadline, deadline)
        }
    }

    mutating func remove(_ id: SequenceState.ID) -> SequenceState? {
        for key in clients.keys {
            if let index = clients[key]?.waiting.firstIndex(where: { $0.id == id }) {
                count -= 1
                return clients[key]?.waiting.remove(at: index)
            }
        }
        return nil
    }

    /// Takes out every request whose deadline has come.
    mutating func removeExpired(at now: ContinuousClock.Instant) -> [SequenceState] {
        guard let next = nextDeadline, next <= now else { return [] }
        var expired: [SequenceState] = []
        nextDeadline = nil
        for key in clients.keys {
            clients[key]?.waiting.removeAll { sequence in
                guard !sequence.hasBegun, let deadline = sequence.deadline else { return false }
                guard deadline <= now else {
                    nextDeadline = min(nextDeadline ?? deadline, deadline)
                    return false
                }
                expired.append(sequence)
                return true
            }
        }
        count -= expired.count
        return expired
    }

    /// Counts a client's running requests.
    mutating func run(_ client: String, by change: Int) {
        clients[ByteString(client), default: Client()].running += change
    }

    func running(_ client: String) -> Int { clients[ByteString(client)]?.running ?? 0 }

    /// Counts tokens that a client was served.
    mutating func charge(_ client: String, tokens: Double) { clients[ByteString(client)]?.service += tokens }

    private var leastService: Double? { clients.values.lazy.filter(\.isActive).map(\.service).min() }

    private mutating func forgetIdle() {
        guard clients.count > Self.remembered else { return }
        clients = clients.filter(\.value.isActive)
    }
}
