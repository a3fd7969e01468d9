import ArgumentParser
import Foundation
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors

/// What tensors get, for commands that quantize.
struct QuantizationArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Weigh errors with this importance matrix (.gguf or .dat).", valueName: "file"))
    var imatrix: String?

    @Option(
        help: ArgumentHelp("Use the matrix only for tensors with this in their name; repeatable.", valueName: "name"))
    var includeWeights: [String] = []

    @Option(
        help: ArgumentHelp("Do not use the matrix for tensors with this in their name; repeatable.", valueName: "name"))
    var excludeWeights: [String] = []

    @Option(
        help: ArgumentHelp(
            "The type of tensors in whose name this is found; repeatable, the first that fits decides.",
            valueName: "regex=type"), transform: TensorTypeRule.init)
    var tensorType: [TensorTypeRule] = []

    @Option(
        help: ArgumentHelp("The type of output.weight.", valueName: "type"),
        transform: ElementType.init(encodableNamed:))
    var outputTensorType: ElementType?

    @Option(
        help: ArgumentHelp("The type of the token embeddings.", valueName: "type"),
        transform: ElementType.init(encodableNamed:))
    var tokenEmbeddingType: ElementType?

    @Flag(help: "The same type for all tensors, no mix.")
    var pure = false

    @Flag(help: "Leave output.weight as it is.")
    var leaveOutputTensor = false

    @Flag(help: "Allow a model that is quantized already; errors add up.")
    var allowRequantize = false

    @Option(
        help: ArgumentHelp("Another metadata value: int, float, bool or str; repeatable.", valueName: "key=type:value"),
        transform: MetadataOverride.init)
    var overrideKv: [MetadataOverride] = []

    @Option(help: ArgumentHelp("Leave out layers, by their numbers from 0.", valueName: "n,n,..."))
    var pruneLayers: LayerList?

    @Flag(help: "Write as many files as the model has.")
    var keepSplit = false

    func validate() throws {
        if !includeWeights.isEmpty, !excludeWeights.isEmpty {
            throw ValidationError("--include-weights and --exclude-weights do not go together")
        }
        if imatrix == nil, !includeWeights.isEmpty || !excludeWeights.isEmpty {
            throw ValidationError("--include-weights and --exclude-weights need --imatrix")
        }
    }

    func options(_ type: FileType) throws -> QuantizationOptions {
        var options = QuantizationOptions(type)
        if let imatrix {
            options.importance = try ImportanceMatrix(
                ImportanceMatrixFile(URL(filePath: imatrix)), fileName: imatrix, including: includeWeights,
                excluding: excludeWeights)
        }
        options.tensorTypes = tensorType
        options.outputType = outputTensorType
        options.embeddingType = tokenEmbeddingType
        options.isPure = pure
        options.leavesOutput = leaveOutputTensor
        options.allowsRequantizing = allowRequantize
        options.overrides = overrideKv
        options.prunedLayers = Set(pruneLayers?.numbers ?? [])
        options.keepsSplit = keepSplit
        return options
    }
}

/// What quantizing may use of the machine.
struct QuantizationResourceArguments: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("Threads (default: one a core).", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("Megabytes of memory to stay below.", valueName: "MB"))
    var memoryLimit = 400

    func validate() throws {
        if let threads, threads < 1 || threads > 1024 { throw ValidationError("--threads must be from 1 to 1024") }
        if memoryLimit < 1 || memoryLimit > 1 << 30 { throw ValidationError("--memory-limit must be 1 or more") }
    }

    var resources: QuantizationResources {
        var resources = QuantizationResources(memoryLimit: memoryLimit * 1_000_000)
        if let threads { resources.threads = threads }
        return resources
    }
}

/// Numbers joined by commas: `20,21`.
struct LayerList: ExpressibleByArgument {
    let numbers: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        numbers = parts.compactMap { $0 }
        guard numbers.count == parts.count else { return nil }
    }
}
