import SwiftletEngine
import SwiftletTokenizers

extension ModelLease {
    /// The vectors of texts, given as tokens; counted.
    func embed(_ texts: [[TokenID]]) async throws -> [[Float]] {
        let embedder = try embedder
        let start = ContinuousClock.now
        let vectors = try await embedder.embed(tokens: texts)
        let count = texts.reduce(0) { $0 + $1.count }
        model.metrics.embedded(tokens: count, in: start.duration(to: .now))
        CallRecord.current?.read(tokens: count)
        return vectors
    }
}
