import Foundation
import SwiftletEvaluation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels

extension ImatrixCommand {
    /// Runs the text through the model, on from `merged` or from what an interrupted run has left.
    func collect(
        _ name: String, after merged: ImportanceMatrixFile?
    ) async throws -> (ImportanceMatrixFile?, Estimate?) {
        guard let file, let output else { return (merged, nil) }
        let target = target(output)
        try target.checkFolder()
        var (earlier, first) = (merged, fromChunk)
        if resume, FileManager.default.fileExists(atPath: output) {
            earlier = try ImatrixTarget.begun(output, text: file, context: chunks.ctx)
            first = earlier?.chunkCount ?? 0
        }
        if let limit = chunks.chunks, resume, first >= limit { return (earlier, nil) }
        let run = try run(
            of: name, on: file, first: first, limit: chunks.chunks.map { resume ? $0 - first : $0 }, after: earlier,
            into: target)
        do {
            let result = try await Interrupts(SIGINT, SIGTERM).cancelling { try await run() }
            return (result.matrix, result.perplexity)
        } catch let error as CancellationError {
            StandardError.write(
                "\nswiftlet: interrupted; whole chunks are kept in \(output), --resume goes on from there\n")
            throw error
        }
    }

    /// The work itself, with everything opened and checked.
    private func run(
        of name: String, on file: String, first: Int, limit: Int?, after earlier: ImportanceMatrixFile?,
        into target: ImatrixTarget
    ) throws -> @Sendable () async throws -> ImportanceResult {
        let (evaluator, dataset) = (engine.evaluator, resume && earlier != nil ? nil : file)
        let (context, parseSpecial, processOutput) = (chunks.ctx, parseSpecial, processOutput)
        let (predicts, saveEvery) = (!noPerplexity, saveEvery)
        let progress = { @Sendable (progress: ImportanceProgress) in
            StandardError.write(Self.line(progress, after: first))
        }
        let url = try ModelArgument.locateFile(name)
        if EncoderModel.fits(try GGUFFile(url)) {
            guard !processOutput else {
                throw CommandError(
                    .input, "an encoder has no output layer", at: "model \"\(name)\"",
                    advice: "Leave out --process-output")
            }
            let model = try EncoderModel(contentsOf: url)
            let text = try ChunkedText(
                InputFile.text(file), for: model, context: context, limit: limit, first: first,
                parsesSpecial: parseSpecial)
            return {
                try await evaluator.importance(
                    of: model, on: text, dataset: dataset, earlier: earlier, saveEvery: saveEvery, save: target.write,
                    progress: progress)
            }
        }
        let model = try engine.open(name, context: context)
        let text = try ChunkedText(
            InputFile.text(file), for: model, context: context, limit: limit, first: first, parsesSpecial: parseSpecial)
        return {
            try await evaluator.importance(
                of: model, on: text, dataset: dataset, earlier: earlier, processesOutput: processOutput,
                predicts: predicts, saveEvery: saveEvery, save: target.write, progress: progress)
        }
    }

    /// `[3 of 40] perplexity 25.7173; 4.1 s, 51 s left`
    private static func line(_ progress: ImportanceProgress, after first: Int) -> String {
        let seconds = progress.elapsed.seconds
        let left = seconds / Double(progress.chunk) * Double(progress.chunks - progress.chunk)
        return "[\(first + progress.chunk) of \(first + progress.chunks)] "
            + (progress.perplexity.map { "perplexity \($0.fixed(4)); " } ?? "")
            + "\(seconds.fixed(1)) s, \(ProgressBar.duration(left)) left\n"
    }
}
