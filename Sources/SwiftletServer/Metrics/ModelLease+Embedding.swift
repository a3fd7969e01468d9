import SwiftletEngine
import SwiftletTokenizers

extension ModelLease {
    /// The vectors of texts, given as tokens; counted, for the key before the work is done.
    func embed(_ texts: [[TokenID]]) async throws -> [[Float]] {
        let embedder = try embedder
        let count = texts.reduce(0) { $0 + $1.count }
        CallRecord.current?.read(tokens: count)
        let start = ContinuousClock.now
        let vectors = try await embedder.embed(tokens: texts)
        model.metrics.embedded(tokens: count, in: start.duration(to: .now))
        return vectors
    }
}
