import Foundation
public import SwiftletGround
public import SwiftletModels
import SwiftletTensors
public import SwiftletTokenizers

/// Runs one model: owns its worker threads and intermediate memory, and takes the steps of its sessions in turn.
///
/// ```swift
/// let engine = Engine(try LanguageModel(contentsOf: url))
/// for try await event in engine.generate(GenerationRequest(prompt: tokens)) { ... }
/// ```
public actor Engine {
    public nonisolated let model: LanguageModel
    public nonisolated let options: EngineOptions
    private nonisolated let thread: ModelThread
    let compute: Compute
    let scratch = Scratch()
    private var batch = Batch()
    var dryBreakers = DryBreakerCache()
    var counters = EngineStatus()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ model: LanguageModel, options: EngineOptions = EngineOptions()) {
        self.model = model
        self.options = options
        thread = ModelThread(name: "swiftlet-0")
        compute = Self.compute(for: model, options)
    }

    deinit { thread.stop() }

    /// A new, empty sequence of at most `contextLength` tokens (by default what the model was opened for).
    ///
    /// Throws if the cache type does not fit the model. Memory is used as tokens come, not at once.
    public func makeSession(contextLength: Int? = nil, cacheType: CacheType = .f16) throws(EngineError) -> Session {
        let length = contextLength ?? model.contextLength
        guard length <= model.configuration.contextLength else {
            throw EngineError(
                .contextLength,
                "a context of \(length) tokens is longer than the \(model.configuration.contextLength) that the model was trained for",
                advice: "Ask for a shorter --context")
        }
        return try Session(model.decoder.keyValueShape, contextLength: length, cacheType: cacheType)
    }

    /// Answers a prompt; any number at once.
    ///
    /// Errors end the stream: a full context, tokens outside the vocabulary, parameters that make no sense, a deadline, more
    /// requests than may wait.
    public nonisolated func generate(_ request: GenerationRequest) -> TokenStream {
        stream(request) { try await self.makeSession(cacheType: self.options.cacheType) }
    }

    /// Continues `prompt`, all tokens from the start of the sequence: what the session already holds of it is not computed
    /// again.
    public nonisolated func generate(
        _ prompt: [TokenID], in session: Session, parameters: GenerationParameters = GenerationParameters()
    ) -> TokenStream {
        stream(GenerationRequest(prompt: prompt, parameters: parameters)) { session }
    }

    private nonisolated func stream(
        _ request: GenerationRequest, in session: @escaping @Sendable () async throws -> Session
    ) -> TokenStream {
        let (stream, continuation) = TokenStream.makeStream()
        let claim = SessionClaim()
        let task = Task {
            do {
                try await self.run(request, session(), claim) { continuation.yield($0) }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { termination in
            guard case .cancelled = termination else { return }
            claim.cancel()
            task.cancel()
        }
        return stream
    }

    /// What the engine is doing, and has done.
    public func status() -> EngineStatus { counters }

    /// Calls `body(row, logits)` for every token of `tokens` in order; memory stays bounded by the batch size.
    public func logits(
        of tokens: [TokenID], in session: Session, _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void
    ) async throws {
        try check(tokens, session)
        session.tokens.removeAll()
        for start in stride(from: 0, to: tokens.count, by: options.batchSize) {
            try Task.checkCancellation()
            let part = tokens[start..<min(start + options.batchSize, tokens.count)]
            try step(part, session, outputs: 0..<part.count) { row, logits in
                try body(start + row, UnsafeBufferPointer(logits))
            }
            await Task.yield()
        }
    }

    /// The logits of all `tokens`, `[tokens, vocabularySize]` row after row; for short texts, since it holds them all.
    public func logits(of tokens: [TokenID], in session: Session) async throws -> [Float] {
        var all: [Float] = []
        all.reserveCapacity(tokens.count * model.configuration.vocabularySize)
        try await logits(of: tokens, in: session) { _, row in all += row }
        return all
    }

    /// One model step: `tokens` continue the session; `body` gets the logits of each row that `outputs` names.
    ///
    /// Allocates nothing once steps of its size have been.
    func step(
        _ tokens: some Collection<TokenID>, _ session: Session, outputs: some Sequence<Int>,
        _ body: (Int, UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        batch.removeAll()
        batch.append(tokens, at: session.tokens.count, cache: session.cache, outputs: outputs)
        session.tokens.append(contentsOf: tokens)
        try run(batch, body)
    }

    /// Runs a batch; `body` gets the logits of each row that its `outputs` name.
    private func run(_ batch: Batch, _ body: (Int, UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
        scratch.reset()
        let pass = ForwardPass(batch, compute: compute, scratch: scratch)
        let hidden = model.decoder.hidden(pass)
        // A few rows at a time: logits of a whole prompt would take batch x vocabulary floats.
        for start in stride(from: 0, to: batch.outputs.count, by: Self.logitRows) {
            let rows = start..<min(start + Self.logitRows, batch.outputs.count)
            let mark = scratch.mark
            defer { scratch.release(to: mark) }
            let logits = model.decoder.logits(hidden.rows(rows), pass)
            for row in rows {
                try body(
                    batch.outputs[row],
                    UnsafeMutableBufferPointer(start: logits[row: row - start], count: logits.columns))
            }
        }
    }

    private static let logitRows = 32

    func check(_ tokens: [TokenID], _ session: Session) throws(EngineError) {
        guard !tokens.isEmpty else { throw EngineError(.emptyPrompt, "there are no tokens to start from") }
        let size = model.configuration.vocabularySize
        if let bad = tokens.first(where: { $0 < 0 || Int($0) >= size }) {
            throw EngineError(.token, "token \(bad) is not in the vocabulary of \(size)")
        }
        guard tokens.count <= session.contextLength else {
            throw EngineError(
                .contextFull, "the prompt has \(tokens.count) tokens, but the context holds \(session.contextLength)",
                advice: "Shorten the prompt or ask for a longer --context")
        }
    }
}
