import Foundation
import Synchronization
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
    nonisolated let observer: (any EngineObserver)?
    nonisolated let published = Mutex(EngineStatus())
    let compute: Compute
    let scratch = Scratch()
    var batch = Batch()
    var dryBreakers = DryBreakerCache()
    /// The requests and their cache; nil before the first.
    var serving: Serving?
    var isServing = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ model: LanguageModel, options: EngineOptions = EngineOptions()) {
        self.init(model, options: options, observer: nil)
    }

    /// `observer` hears of each request.
    package init(_ model: LanguageModel, options: EngineOptions, observer: (any EngineObserver)?) {
        self.model = model
        self.options = options
        self.observer = observer
        thread = ModelThread(name: "swiftlet-0")
        compute = Self.compute(for: model, options)
    }

    deinit { thread.stop() }

    /// A new, empty sequence of at most `contextLength` tokens (by default what the model was opened for).
    ///
    /// Throws if the cache type does not fit the model. Memory is used as tokens come, not at once.
    public func makeSession(contextLength: Int? = nil, cacheType: CacheType = .f16) throws(EngineError) -> Session {
        let length = contextLength ?? model.contextLength
        guard length <= model.configuration.contextLength else { throw EngineError.contextTooLong(length, model) }
        return try Session(model.decoder.keyValueShape, contextLength: length, cacheType: cacheType)
    }

    /// Answers a prompt; any number at once.
    ///
    /// Errors end the stream: a full context, tokens outside the vocabulary, parameters that make no sense, a deadline, more
    /// requests than may wait.
    public nonisolated func generate(_ request: GenerationRequest) -> TokenStream {
        let (stream, continuation) = TokenStream.makeStream()
        let job = GenerationJob(request, continuation)
        continuation.onTermination = { termination in
            guard case .cancelled = termination else { return }
            job.cancel()
            Task { await self.cancel(job) }
        }
        Task { await submit(job) }
        return stream
    }

    /// Calls `body(row, logits)` for every token of `tokens` in order; memory stays bounded by the batch size.
    public func logits(
        of tokens: [TokenID], in session: Session, _ body: (Int, UnsafeBufferPointer<Float>) throws -> Void
    ) async throws {
        try check(tokens, contextLength: session.contextLength)
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
        try run(batch) { rows, logits in
            for row in rows {
                try body(
                    batch.outputs[row],
                    UnsafeMutableBufferPointer(start: logits[row: row - rows.lowerBound], count: logits.columns))
            }
        }
    }

    /// Runs a batch; `body` gets the logits of the rows that its `outputs` name, a few at a time: which of them, and
    /// `[rows, vocabularySize]`.
    func run(_ batch: Batch, _ body: (Range<Int>, FloatMatrix) throws -> Void) rethrows {
        scratch.reset()
        let pass = ForwardPass(batch, compute: compute, scratch: scratch)
        let hidden = model.decoder.hidden(pass)
        // Logits of a whole prompt would take batch x vocabulary floats.
        for start in stride(from: 0, to: batch.outputs.count, by: Self.logitRows) {
            let rows = start..<min(start + Self.logitRows, batch.outputs.count)
            let mark = scratch.mark
            defer { scratch.release(to: mark) }
            try body(rows, model.decoder.logits(hidden.rows(rows), pass))
        }
    }

    private static let logitRows = 32

    func check(_ tokens: [TokenID], contextLength: Int) throws(EngineError) {
        guard !tokens.isEmpty else { throw EngineError(.emptyPrompt, "there are no tokens to start from") }
        let size = model.configuration.vocabularySize
        if let bad = tokens.first(where: { $0 < 0 || Int($0) >= size }) {
            throw EngineError(.token, "token \(bad) is not in the vocabulary of \(size)")
        }
        guard tokens.count <= contextLength else {
            throw EngineError(
                .contextFull, "the prompt has \(tokens.count) tokens, but the context holds \(contextLength)",
                advice: "Shorten the prompt or ask for a longer --context")
        }
    }
}
