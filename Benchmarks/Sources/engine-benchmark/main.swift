import Foundation
import SwiftletKit

// usage: engine-benchmark MODEL THREADS PROMPT GENERATION ROUNDS
// Reads one line of standard input before each round, so that a driver can take turns with a peer; prints one JSON object a
// round: {"prompt": tokens a second, "generation": tokens a second}. The first round warms up and is printed as well.

let arguments = CommandLine.arguments
guard arguments.count == 6, let threads = Int(arguments[2]), let prompt = Int(arguments[3]),
    let generation = Int(arguments[4]), let rounds = Int(arguments[5])
else {
    FileHandle.standardError.write(Data("usage: engine-benchmark MODEL THREADS PROMPT GENERATION ROUNDS\n".utf8))
    exit(2)
}

let model = try LanguageModel(contentsOf: URL(filePath: arguments[1]))
let engine = Engine(model, options: EngineOptions(threads: threads))
// The same tokens as the peer's driver uses: spread over the vocabulary.
let tokens = (0..<prompt).map { TokenID(($0 * 7919 + 13) % min(model.configuration.vocabularySize, 30000)) }
var parameters = GenerationParameters(maxTokens: generation + 1, ignoresEnd: true)
parameters.sampling.temperature = 0

for _ in 0..<rounds {
    guard readLine() != nil else { break }
    let session = try await engine.makeSession(contextLength: prompt + generation + 2)
    for try await event in engine.generate(tokens, in: session, parameters: parameters) {
        guard case .finished(let result) = event else { continue }
        let speeds = (
            Double(prompt) / (result.promptDuration / .seconds(1)),
            Double(generation) / (result.generationDuration / .seconds(1))
        )
        let line = "{\"prompt\": \(speeds.0), \"generation\": \(speeds.1)}\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }
}
