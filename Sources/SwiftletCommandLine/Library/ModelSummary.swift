import Foundation
import SwiftletLibrary

/// What `list --json` and `show --json` tell of a model.
struct ModelSummary: Encodable {
    struct Memory: Encodable {
        let verdict: MemoryPlan.Verdict
        let neededBytes, availableBytes, context, cacheBytesPerToken: Int
        let longestContext: Int?
    }

    let name, source: String
    let pulled: Date
    let license, title, architecture, quantization: String?
    let parameters, contextLength, layers, embeddingSize, vocabularySize: Int?
    let size: Int
    let files: [Manifest.File]
    let memory: Memory
    /// Where the model lies; only `show` looks.
    let path: String?

    init(_ manifest: Manifest, availableBytes: Int = MachineMemory.availableBytes, location: URL? = nil) {
        let facts = manifest.facts
        name = manifest.name
        source = manifest.source
        pulled = manifest.pulled
        license = manifest.license
        title = facts?.title
        architecture = facts?.architecture
        quantization = facts?.quantization
        parameters = facts?.parameters
        contextLength = facts?.contextLength
        layers = facts?.layers
        embeddingSize = facts?.embeddingSize
        vocabularySize = facts?.vocabularySize
        size = manifest.size
        files = manifest.files
        path = location?.path(percentEncoded: false)
        let plan = MemoryPlan(weightBytes: manifest.size, facts: facts, availableBytes: availableBytes)
        memory = Memory(
            verdict: plan.verdict, neededBytes: plan.neededBytes, availableBytes: availableBytes, context: plan.context,
            cacheBytesPerToken: plan.cacheBytesPerToken, longestContext: plan.longestContext)
    }

    /// Two columns for a person.
    var table: TextTable {
        var table = TextTable()
        func add(_ label: String, _ value: String?) { if let value { table.add(label, value) } }
        add("name", name)
        add("title", title)
        add("architecture", architecture)
        add("parameters", parameters.map { "\($0.asCount) (\($0))" })
        add("quantization", quantization)
        add("context", contextLength.map { "\($0) tokens" })
        add("layers", layers.map(String.init))
        add("embedding", embeddingSize.map(String.init))
        add("vocabulary", vocabularySize.map(String.init))
        add("license", license)
        add("size", size.asBytes)
        add("memory", memory.text)
        add("source", source.cut(to: 200))
        add("pulled", pulled.formatted(.iso8601))
        add("path", path)
        for file in files { add("file", "\(file.name)  \(file.size.asBytes)  sha256 \(file.sha256)") }
        return table
    }
}

extension ModelSummary.Memory {
    fileprivate var text: String {
        let needed =
            "\(verdict.text): \(neededBytes.asBytes) with \(context) tokens, \(availableBytes.asBytes) available"
        guard let longestContext, verdict == .tooLarge, longestContext > 0 else { return needed }
        return needed + "; \(longestContext) tokens would fit"
    }
}

extension MemoryPlan.Verdict {
    var text: String {
        switch self {
        case .fits: "fits"
        case .tight: "tight"
        case .tooLarge: "too large"
        }
    }
}

/// What `list --available --json` tells of a model.
struct CatalogueSummary: Encodable {
    let name, title, publisher, license, kind: String
    let parameters, contextLength, estimatedBytes: Int
    let sources: [String]

    init(_ model: Catalogue.Model) {
        name = model.name.description
        (title, publisher, license, kind) = (model.title, model.publisher, model.license, model.kind)
        (parameters, contextLength) = (model.parameters, model.contextLength)
        estimatedBytes = model.estimatedBytes
        sources = model.sources.map(\.source.description)
    }
}
