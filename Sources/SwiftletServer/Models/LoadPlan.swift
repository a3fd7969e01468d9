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
    private let engine: EngineOptions

    /// `contextLength` is what a request needs at least.
    init(_ location: NamedModel, _ options: ServerOptions, contextLength wanted: Int? = nil) throws(ServerError) {
        guard location.url.pathExtension != "" || location.manifest.isGGUF else {
            throw ServerError(
                .invalid, "is a checkpoint, not a GGUF file", at: "model \"\(location.name)\"",
                advice: "Make one of it: swiftlet convert \(location.name)")
        }
        url = location.url
        engine = options.engine
        let facts = location.manifest.facts
        isEncoder = facts.map { EncoderCatalog.contains($0.architecture) } ?? false
        let trained = facts?.contextLength ?? MemoryPlan.usualContext
        let usual = options.contextLength ?? MemoryPlan.usualContext
        contextLength = min(max(usual, wanted ?? 0), trained)
        let plan = MemoryPlan(
            weightBytes: location.manifest.size, cacheNumbersPerToken: isEncoder ? 0 : facts?.cacheNumbersPerToken ?? 0,
            context: contextLength, availableBytes: .max)
        bytes = plan.neededBytes
    }

    func load() throws -> LoadedModel.Content {
        if isEncoder { return .encoder(Embedder(try EncoderModel(contentsOf: url), options: engine)) }
        let model = try LanguageModel(contentsOf: url, options: ModelOptions(contextLength: contextLength))
        return .language(try ChatModel(Engine(model, options: engine)))
    }
}

extension Manifest {
    var isGGUF: Bool { files.contains { $0.role == .model } }
}
