import SwiftletModels
package import SwiftletTensors
package import SwiftletTokenizers

// Model steps without sampling, for those who measure them.
extension Engine {
    /// Runs `body` on the engine's thread, where it may take any number of steps without changing threads.
    package func perform<Value: Sendable>(
        _ body: @Sendable (isolated Engine) throws -> Value
    ) rethrows -> Value { try body(self) }

    /// Computes `tokens` after what the session holds, in steps of `options.batchSize`, and the logits of the last one.
    package func advance(_ session: Session, by tokens: [TokenID]) throws {
        if tokens.count == 1 {
            return step(CollectionOfOne(tokens[0]), session, outputs: CollectionOfOne(0)) { _, _ in }
        }
        for start in stride(from: 0, to: tokens.count, by: options.batchSize) {
            try Task.checkCancellation()
            let part = tokens[start..<min(start + options.batchSize, tokens.count)]
            let isLast = start + part.count == tokens.count
            step(part, session, outputs: part.count - (isLast ? 1 : 0)..<part.count) { _, _ in }
        }
    }

    /// One step that takes each session on by one token, and computes all their logits.
    package func advance(_ sessions: [Session], by tokens: [TokenID]) {
        precondition(sessions.count == tokens.count, "\(tokens.count) tokens for \(sessions.count) sessions")
        scratch.reset()
        let slices = sessions.enumerated().map { row, session in
            Batch.Slice(rows: row..<row + 1, firstPosition: session.tokens.count, cache: session.cache)
        }
        let batch = Batch(tokens: tokens, slices: slices, outputs: Array(sessions.indices))
        let pass = ForwardPass(batch, compute: compute, scratch: scratch)
        _ = model.decoder.logits(model.decoder.hidden(pass), pass)
        for (session, token) in zip(sessions, tokens) { session.tokens.append(token) }
    }

    /// How many tokens the session holds.
    package func count(_ session: Session) -> Int { session.tokens.count }

    /// Takes the session back to its first `count` tokens, whose keys and values stay.
    package func rewind(_ session: Session, to count: Int) {
        precondition(count <= session.tokens.count, "back to \(count) of \(session.tokens.count) tokens")
        session.tokens.removeSubrange(count...)
    }

    /// What the machine does at best with this engine's threads; takes about two seconds.
    package func machinePeaks() -> MachinePeaks { compute.peaks() }
}
