import Synchronization

/// The text of an answer as far as the user has seen it.
final class ShownText: Sendable {
    private let storage = Mutex("")

    var text: String { storage.withLock { $0 } }

    func add(_ piece: String) { storage.withLock { $0 += piece } }
}
