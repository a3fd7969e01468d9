import ArgumentParser
import Foundation
import SwiftletLibrary

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models of the library, or those that can be pulled.",
        discussion: """
              $ swiftlet list
              NAME          SIZE     PARAMETERS  QUANTIZATION  CONTEXT  MEMORY
              smollm2:135m  98.4 MB  135M        Q4_1          8192     fits

            MEMORY says whether weights, an F16 cache for up to 4096 tokens and working memory fit
            what this machine has free.
            """)

    @Flag(help: "List the catalogue: what `swiftlet pull` knows by name.")
    var available = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let library = try Library()
        if available {
            let models = try library.catalogue().models
            try json ? JSONOutput.print(models.map(CatalogueSummary.init)) : StandardOutput.write(Self.text(models))
            return
        }
        let (manifests, damaged) = library.models()
        if json {
            try JSONOutput.print(manifests.map { ModelSummary($0) })
        } else if manifests.isEmpty, damaged.isEmpty {
            try StandardOutput.write("No models yet. Try: swiftlet pull smollm2:135m\n")
        } else {
            try StandardOutput.write(Self.text(manifests))
        }
        for error in damaged {
            StandardError.write("swiftlet: warning: \(error)\n")
        }
    }

    private static func text(_ manifests: [Manifest]) -> String {
        var table = TextTable()
        table.add("NAME", "SIZE", "PARAMETERS", "QUANTIZATION", "CONTEXT", "MEMORY")
        let memory = MachineMemory.availableBytes
        for manifest in manifests {
            let summary = ModelSummary(manifest, availableBytes: memory)
            table.add(
                manifest.name, manifest.size.asBytes, summary.parameters.map(\.asCount) ?? "-",
                summary.quantization ?? "-", summary.contextLength.map(String.init) ?? "-", summary.memory.verdict.text)
        }
        return table.text()
    }

    private static func text(_ models: [Catalogue.Model]) -> String {
        var table = TextTable()
        table.add("NAME", "MODEL", "PARAMETERS", "DOWNLOAD", "CONTEXT", "LICENSE", "FROM")
        for model in models {
            table.add(
                model.name.description, "\(model.title) (\(model.kind))", model.parameters.asCount,
                (model.sources.contains { $0.size != nil } ? "" : "~") + model.estimatedBytes.asBytes,
                String(model.contextLength), model.license, model.sources.map(\.source.scheme).joined(separator: ", "))
        }
        return table.text()
    }
}
