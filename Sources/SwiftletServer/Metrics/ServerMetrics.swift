import Synchronization

/// All that the server counts; what models did stays when they go.
///
/// A registry of our own and no facade: swift-metrics has neither help texts nor bounds of buckets, and apps that embed the
/// engine would build it for a dozen numbers.
final class ServerMetrics: Sendable {
    /// A line of the table of answers. Routes are the server's own, so that requests cannot make lines.
    struct Answered: Sendable, Hashable, Comparable {
        let method: String
        let route: String
        let status: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.route, left.method, left.status) < (right.route, right.method, right.status)
        }
    }

    private let modelsByName = Mutex<[String: ModelMetrics]>([:])
    private let answers = Mutex<[Answered: Int]>([:])
    private let running = Atomic<Int>(0)

    /// A model's numbers, under the name that it has in the library.
    func model(_ name: String) -> ModelMetrics {
        modelsByName.withLock { models in
            if let model = models[name] { return model }
            let model = ModelMetrics()
            models[name] = model
            return model
        }
    }

    func began() { running.add(1, ordering: .relaxed) }

    func ended(_ answered: Answered) {
        running.subtract(1, ordering: .relaxed)
        answers.withLock { $0[answered, default: 0] += 1 }
    }

    var requestsInFlight: Int { running.load(ordering: .relaxed) }
    var answered: [(Answered, Int)] { answers.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } } }
    var models: [(name: String, metrics: ModelMetrics)] {
        modelsByName.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
}
