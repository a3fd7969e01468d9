import Foundation
import SwiftletKit

// usage: engine-benchmark MODEL THREADS PROMPT GENERATION ROUNDS [DEPTH [CACHE]]
// Reads one line of standard input before each round, so that a driver can take turns with a peer; prints one JSON object a
// round: {"prompt": tokens a second, "generation": tokens a second}. The first round warms up and is printed as well.

let arguments = CommandLine.arguments
let numbers = arguments.dropFirst(2).prefix(5).map { Int($0) ?? 0 }
let cacheType = arguments.count > 7 ? CacheType(rawValue: arguments[7]) : .f16
guard (6...8).contains(arguments.count), let cacheType, numbers.prefix(3).allSatisfy({ $0 > 0 }) else {
    let usage = "usage: engine-benchmark MODEL THREADS PROMPT GENERATION ROUNDS [DEPTH [CACHE]]\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(2)
}
let (threads, prompt, generation, rounds) = (numbers[0], numbers[1], numbers[2], numbers[3])
let depth = numbers.count > 4 ? numbers[4] : 0

let length = depth + prompt + generation + 2
let model = try LanguageModel(
    contentsOf: URL(filePath: arguments[1]), options: ModelOptions(contextLength: length))
var options = EngineOptions(threads: threads, batchSize: 512)
(options.maxSequences, options.cacheType) = (1, cacheType)
let engine = Engine(model, options: options)
var parameters = GenerationParameters(maxTokens: generation + 1, ignoresEnd: true)
parameters.sampling.temperature = 0

/// The same tokens as the peer's driver uses: spread over the vocabulary.
func spread(_ places: Range<Int>) -> [TokenID] {
    places.map { TokenID(($0 * 7919 + 13) % min(model.configuration.vocabularySize, 30000)) }
}

func run(_ tokens: [TokenID], _ parameters: GenerationParameters) async throws -> GenerationResult? {
    var result: GenerationResult?
    for try await event in engine.generate(GenerationRequest(prompt: tokens, parameters: parameters)) {
        if case .finished(let finished) = event { result = finished }
    }
    return result
}

for round in 0..<rounds {
    guard readLine() != nil else { break }
    if round == 0, depth > 0 {
        _ = try await run(spread(0..<depth), GenerationParameters(maxTokens: 1, ignoresEnd: true))
    }
    // Another prompt in each round, since the engine remembers the last one.
    let first = depth + round + 1
    guard let result = try await run(spread(0..<depth) + spread(first..<first + prompt), parameters) else { break }
    let speeds = (
        Double(result.promptTokens - result.cachedTokens) / (result.promptDuration / .seconds(1)),
        Double(generation) / (result.generationDuration / .seconds(1))
    )
    let line = "{\"prompt\": \(speeds.0), \"generation\": \(speeds.1)}\n"
    FileHandle.standardOutput.write(Data(line.utf8))
}
