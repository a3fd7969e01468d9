public import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTensors

/// Measures models on texts: perplexity, divergence from another model, importance of weights.
///
/// One evaluator runs any number of models in turn, on worker threads and memory that they share. Cancelling the task
/// stops it within one model step.
///
/// ```swift
/// let evaluator = Evaluator()
/// let text = try ChunkedText(String(contentsOf: url, encoding: .utf8), for: model)
/// let result = try await evaluator.perplexity(of: model, on: text)
/// ```
public actor Evaluator {
    public nonisolated let options: EngineOptions
    public nonisolated let cacheType: CacheType
    let compute: Compute
    let scratch = Scratch()
    private nonisolated let thread: ModelThread
    private var caches = Caches()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// `options.batchSize` tokens make a step: whole chunks together, or parts of one.
    public init(options: EngineOptions = EngineOptions(batchSize: Evaluator.usualBatch), cacheType: CacheType = .f16) {
        self.options = options
        self.cacheType = cacheType
        thread = ModelThread(name: "swiftlet-evaluation")
        compute = Compute(threads: options.threads, arithmetic: options.arithmetic)
    }

    deinit { thread.stop() }

    public static let usualBatch = 512

    /// The caches of `count` sequences, kept for the next models of the same shape.
    func caches(_ count: Int, of length: Int, for model: LanguageModel) throws(EngineError) -> [ContiguousCache] {
        try caches.take(count, of: length, shape: model.decoder.keyValueShape, type: cacheType)
    }
}

private struct Caches {
    private var shape: KeyValueShape?
    private var length = 0
    private var caches: [ContiguousCache] = []

    mutating func take(
        _ count: Int, of length: Int, shape: KeyValueShape, type: CacheType
    ) throws(EngineError) -> [ContiguousCache] {
        if shape != self.shape || length != self.length {
            (self.shape, self.length, caches) = (shape, length, [])
        }
        while caches.count < count { caches.append(try ContiguousCache(shape, capacity: length, type: type)) }
        return Array(caches.prefix(count))
    }
}
