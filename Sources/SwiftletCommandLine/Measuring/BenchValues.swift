import ArgumentParser
import SwiftletEngine
import SwiftletEvaluation

/// The options of `bench` that take several values, of which every combination is a test.
struct BenchValues: ParsableArguments {
    @Option(
        name: [.customShort("p"), .customLong("n-prompt")],
        help: ArgumentHelp("Tokens of a prompt (default: 512).", valueName: "n"), transform: CountList.parse)
    var prompts: [[Int]] = []

    @Option(
        name: [.customShort("n"), .customLong("n-gen")],
        help: ArgumentHelp("Tokens to generate (default: 128).", valueName: "n"), transform: CountList.parse)
    var generations: [[Int]] = []

    @Option(
        name: .customLong("pg", withSingleDash: true),
        help: ArgumentHelp("Both in turn; repeat it for several.", valueName: "pp,tg"), transform: BenchPair.init)
    var pairs: [BenchPair] = []

    @Option(
        name: [.customShort("d"), .customLong("n-depth")],
        help: ArgumentHelp("Tokens that the sequence holds before (default: 0).", valueName: "n"),
        transform: CountList.parse)
    var depths: [[Int]] = []

    @Option(
        name: [.customLong("np", withSingleDash: true), .customLong("parallel")],
        help: ArgumentHelp("Sequences that generate together (default: 1).", valueName: "n"),
        transform: CountList.parse)
    var sequences: [[Int]] = []

    @Option(
        name: [.customShort("b"), .customLong("batch-size")],
        help: ArgumentHelp("Most prompt tokens of a step, as -ub: the smaller counts (default: 512).", valueName: "n"),
        transform: CountList.parse)
    var batches: [[Int]] = []

    @Option(
        name: [.customLong("ub", withSingleDash: true), .customLong("ubatch-size")],
        help: ArgumentHelp("See -b (default: 512).", valueName: "n"), transform: CountList.parse)
    var microBatches: [[Int]] = []

    @Option(
        name: [.customLong("ctk", withSingleDash: true), .customLong("cache-type-k")],
        help: ArgumentHelp("How keys are kept: f16, f32 or q8_0 (default: f16).", valueName: "t"),
        transform: BenchValues.cacheTypes)
    var keyTypes: [[CacheType]] = []

    @Option(
        name: [.customLong("ctv", withSingleDash: true), .customLong("cache-type-v")],
        help: ArgumentHelp("The same of values: always as the keys (default: as -ctk).", valueName: "t"),
        transform: BenchValues.cacheTypes)
    var valueTypes: [[CacheType]] = []

    @Option(
        name: [.customShort("t"), .customLong("threads")],
        help: ArgumentHelp("Worker threads (default: one a core).", valueName: "n"), transform: CountList.parse)
    var threads: [[Int]] = []

    func validate() throws {
        func check(_ lists: [[Int]], _ range: ClosedRange<Int>, _ option: String) throws {
            guard let bad = lists.joined().first(where: { !range.contains($0) }) else { return }
            throw ValidationError("\(option) \(bad) is outside \(range.lowerBound) to \(range.upperBound)")
        }
        try check(sequences, 1...256, "--parallel")
        try check(batches, 1...65_536, "--batch-size")
        try check(microBatches, 1...65_536, "--ubatch-size")
        try check(threads, 1...1024, "--threads")
        let (keys, values) = (Set(keyTypes.joined()), Set(valueTypes.joined()))
        if !keys.isEmpty, !values.isEmpty, keys != values {
            throw ValidationError("keys and values are kept in one type: give -ctk alone, or the same to -ctv")
        }
        if plan.count > 100_000 { throw ValidationError("more than 100000 tests") }
    }

    var plan: SpeedPlan {
        var plan = SpeedPlan(threads: threads.joined(or: [EngineOptions().threads]))
        plan.prompts = prompts.joined(or: plan.prompts)
        plan.generations = generations.joined(or: plan.generations)
        plan.pairs = pairs.map { (prompt: $0.prompt, generation: $0.generation) }
        plan.depths = depths.joined(or: plan.depths)
        plan.sequences = sequences.joined(or: plan.sequences)
        plan.batches = batches.joined(or: plan.batches)
        plan.microBatches = microBatches.joined(or: plan.microBatches)
        plan.cacheTypes = (keyTypes.isEmpty ? valueTypes : keyTypes).joined(or: plan.cacheTypes)
        return plan
    }

    /// Settings that a table shows since they were asked for.
    var shownColumns: Set<BenchColumn> {
        var columns: Set<BenchColumn> = []
        if !batches.isEmpty { columns.insert(.batch) }
        if !microBatches.isEmpty { columns.insert(.microBatch) }
        if !keyTypes.isEmpty || !valueTypes.isEmpty { columns.formUnion([.keyType, .valueType]) }
        return columns
    }

    static func cacheTypes(_ text: String) throws -> [CacheType] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
            guard let type = CacheType(rawValue: name.lowercased()) else {
                let names = CacheType.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("\"\(name.prefix(40))\" is no type of cache: \(names)")
            }
            return type
        }
    }
}

extension Sequence {
    /// All lists of one option, or what it is without any.
    fileprivate func joined<Value>(or usual: [Value]) -> [Value] where Element == [Value] {
        let all = Array(joined())
        return all.isEmpty ? usual : all
    }
}

/// The value of `-pg`.
struct BenchPair: Sendable {
    let prompt: Int
    let generation: Int

    init(_ text: String) throws { (prompt, generation) = try CountList.pair(text) }
}

/// Options of llama-bench that have nothing to choose here, so that its command lines run.
struct BenchIgnoredOptions: ParsableArguments {
    @Option(
        name: [.customLong("ngl", withSingleDash: true), .customLong("n-gpu-layers")],
        help: .hidden) var gpuLayers: String?
    @Option(name: [.customLong("fa", withSingleDash: true), .customLong("flash-attn")], help: .hidden)
    var flashAttention: String?
    @Option(name: [.customLong("mmp", withSingleDash: true), .customLong("mmap")], help: .hidden) var mmap: String?

    /// Says on standard error which of them were given.
    func tell() {
        if gpuLayers != nil { StandardError.write("note: -ngl changes nothing: all layers run on the CPU\n") }
        if flashAttention != nil { StandardError.write("note: -fa changes nothing: attention is always blocked\n") }
        if mmap != nil { StandardError.write("note: -mmp changes nothing: weights are always mapped\n") }
    }
}
