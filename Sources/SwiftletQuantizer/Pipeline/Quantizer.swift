public import Foundation
import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors

/// Writes what a plan says: rows stream through a few threads from the source into their places in the new files, so that
/// memory stays bounded whatever the model's size.
///
/// Bytes do not depend on the number of threads: rows are independent, and each has one place.
public struct Quantizer: Sendable {
    public var plan: QuantizationPlan
    public var source: any TensorSource
    public var resources: QuantizationResources

    public init(_ plan: QuantizationPlan, of source: any TensorSource, resources: QuantizationResources = .init()) {
        (self.plan, self.source, self.resources) = (plan, source, resources)
    }

    /// The files that `write` makes: `url` itself, or its numbered names if the plan keeps a split.
    public func urls(for url: URL, keepsSplit: Bool) -> [URL] {
        guard keepsSplit else { return [url] }
        let name = url.lastPathComponent
        let stem = name.range(of: ".gguf").map { String(name[..<$0.lowerBound]) } ?? name
        func padded(_ number: Int) -> String {
            String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
        }
        return plan.files.indices.map {
            url.deletingLastPathComponent().appending(
                path: "\(stem)-\(padded($0 + 1))-of-\(padded(plan.files.count)).gguf", directoryHint: .notDirectory)
        }
    }

    /// Writes all files, in place of what has their names, all or nothing; blocks until it is done.
    ///
    /// `progress` comes from any thread, one call at a time; when `isCancelled` says so, the work stops within a few
    /// milliseconds. Throws `CancellationError` then, `QuantizerError` for weights that are NaN or infinite, and what the
    /// source and the disk throw; nothing of the new files is left.
    public func write(
        to urls: [URL], progress: @escaping @Sendable (QuantizationProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        precondition(urls.count == plan.files.count, "\(urls.count) names for \(plan.files.count) files")
        try plan.checkImportance()
        for output in urls {
            if let input = source.urls.first(where: { FileIdentity.areSame($0, output) }) {
                throw QuantizerError(
                    .sameFile, "is the file that is read", at: input.path(percentEncoded: false),
                    advice: "Give the new file another name")
            }
        }
        if isCancelled() { throw CancellationError() }
        var outputs: [GGUFOutput] = []
        for (file, url) in zip(plan.files, urls) {
            var writer = try GGUFWriter(metadata: file.metadata)
            for tensor in file.tensors {
                try writer.add(tensor.name, type: tensor.type, dimensions: tensor.dimensions)
            }
            outputs.append(try GGUFOutput(writer, to: url))
        }
        let work = RowWork(plan, resources)
        let encoders = (0..<work.threads).map { _ in RowEncoder(elements: work.mostElements, bytes: work.mostBytes) }
        try RowRun(work, progress: progress, isCancelled: isCancelled).run { _, piece, worker in
            let tensor = piece.tensor
            let start = piece.rows.lowerBound * tensor.type.bytes(elements: tensor.columns)
            try source.withUnsafeRows(piece.rows, ofTensor: tensor.sourceIndex) { bytes in
                let encoded = try encoders[worker].encode(bytes, rows: piece.rows, of: tensor)
                try outputs[piece.file].write(encoded, tensor: piece.place, at: start)
            }
        }
        for output in outputs { try output.commit() }
    }
}

extension Quantizer {
    /// `write` on a thread of its own; cancelling the task stops it.
    public func write(
        to urls: [URL], progress: @escaping @Sendable (QuantizationProgress) -> Void = { _ in }
    ) async throws {
        try await OwnThread.run { isCancelled in
            try write(to: urls, progress: progress, isCancelled: isCancelled)
        }
    }

    /// `verify` on a thread of its own; cancelling the task stops it.
    public func verify(
        _ urls: [URL], progress: @escaping @Sendable (QuantizationProgress) -> Void = { _ in }
    ) async throws -> [TensorAccuracy] {
        try await OwnThread.run { isCancelled in
            try verify(urls, progress: progress, isCancelled: isCancelled)
        }
    }
}
