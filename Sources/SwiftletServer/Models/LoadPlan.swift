import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletModelFiles
import SwiftletModels

/// What loading a model will take, told from its manifest before a byte is read.
struct LoadPlan: Sendable {
    let url: URL
    let contextLength: Int
    let bytes: Int
    private let isEncoder: Bool
    private var engine: EngineOptions
    private let settings: ModelSettings

    /// `contextLength` is what a request needs at least.
    init(_ location: NamedModel, _ options: ServerOptions, contextLength wanted: Int? = nil) throws(ServerError) {
        guard location.url.pathExtension != "" || location.manifest.isGGUF else {
            throw ServerError(
                .invalid, "is a checkpoint, not a GGUF file", at: "model \"\(location.name)\"",
                advice: "Make one of it: swiftlet convert \(location.name)")
        }
        url = location.url
        engine = options.engine
        settings = location.settings
        let facts = location.manifest.facts
        isEncoder = facts.map { EncoderCatalog.contains($0.architecture) } ?? false
        let trained = facts?.contextLength ?? SwiftletLibrary.MemoryPlan.usualContext
        let usual = options.contextLength ?? SwiftletLibrary.MemoryPlan.usualContext
        contextLength = min(max(usual, wanted ?? 0), trained)
        let tokens = SwiftletLibrary.MemoryPlan.servedTokens(context: contextLength, parallel: engine.maxSequences)
        let plan = SwiftletLibrary.MemoryPlan(
            weightBytes: location.manifest.size, cacheNumbersPerToken: isEncoder ? 0 : facts?.cacheNumbersPerToken ?? 0,
            context: contextLength, availableBytes: .max)
        // Bounded, whatever a file says: 2^32 x 2 x 2^27 is no overflow.
        let cache = min(plan.cacheBytesPerToken, 1 << 32) * engine.cacheType.bytesOfFourNumbers / 8 * tokens
        let planned = engine.cacheMemory ?? cache
        if !isEncoder, planned > 0 { engine.cacheMemory = planned }
        bytes = plan.weightBytes + planned + SwiftletLibrary.MemoryPlan.workingBytes
    }

    func load(_ metrics: ModelMetrics) throws -> LoadedModel.Content {
        if isEncoder { return .encoder(Embedder(try EncoderModel(contentsOf: url), options: engine)) }
        let model = try LanguageModel(contentsOf: url, options: ModelOptions(contextLength: contextLength))
        return .language(
            try ChatModel(Engine(model, options: engine, observer: metrics), template: settings.promptTemplate))
    }
}

extension Manifest {
    var isGGUF: Bool { files.contains { $0.role == .model } }
}

extension CacheType {
    /// Four numbers, so that it is a whole number of bytes: Q8_0 has 34 for 32.
    fileprivate var bytesOfFourNumbers: Int {
        switch self {
        case .f16: 8
        case .f32: 16
        case .q8_0: 5
        }
    }
}
