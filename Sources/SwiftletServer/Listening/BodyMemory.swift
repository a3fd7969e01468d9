import Hummingbird
import Synchronization

/// Counts the bytes of all bodies that are being read and parsed.
final class BodyMemory: Sendable {
    private let limit: Int
    private let used = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// An empty share of it, for one body.
    func share() -> Share { Share(self) }

    private func take(_ bytes: Int) -> Bool {
        used.withLock { used in
            guard used + bytes <= limit else { return false }
            used += bytes
            return true
        }
    }

    private func give(_ bytes: Int) { used.withLock { $0 -= bytes } }

    final class Share: Sendable {
        private let memory: BodyMemory
        private let taken = Mutex(0)

        fileprivate init(_ memory: BodyMemory) { self.memory = memory }

        deinit { end() }

        /// Throws if others have what is left.
        func take(_ bytes: Int) throws(RequestFailure) {
            guard memory.take(bytes) else {
                throw RequestFailure(
                    .serviceUnavailable, "the server reads too many large requests at a time", retryAfter: 5)
            }
            taken.withLock { $0 += bytes }
        }

        func end() {
            memory.give(
                taken.withLock { taken in
                    defer { taken = 0 }
                    return taken
                })
        }
    }
}
