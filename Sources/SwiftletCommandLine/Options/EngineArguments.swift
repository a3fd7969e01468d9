public import ArgumentParser
public import SwiftletEngine
public import SwiftletModels
import SwiftletTensors

/// How the model runs, for every command that runs one.
struct EngineArguments: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("Worker threads (default: one a core).", valueName: "n"))
    var threads: Int?

    @Option(
        name: [.customLong("batch-size"), .customShort("b")],
        help: ArgumentHelp("Most prompt tokens of one step.", valueName: "n"))
    var batchSize = 256

    @Option(help: "How keys and values are kept.")
    var kvType = CacheType.f16

    @Option(help: "exact: dequantize weights to F32 and round nothing else, for comparisons; slow.")
    var arithmetic = Arithmetic.fast

    @Option(help: "ignore: full attention in all layers, as llama.cpp runs Mistral and Phi-3.")
    var slidingWindow = ModelOptions.SlidingWindow.honor

    func validate() throws {
        if let threads, threads < 1 || threads > 1024 { throw ValidationError("--threads must be from 1 to 1024") }
        if batchSize < 1 || batchSize > 65536 { throw ValidationError("--batch-size must be from 1 to 65536") }
    }

    var engineOptions: EngineOptions {
        var options = EngineOptions(threads: threads, arithmetic: arithmetic, batchSize: batchSize)
        options.cacheType = kvType
        return options
    }
}

extension Arithmetic: ExpressibleByArgument {}
extension CacheType: ExpressibleByArgument {}
extension ModelOptions.SlidingWindow: ExpressibleByArgument {}
