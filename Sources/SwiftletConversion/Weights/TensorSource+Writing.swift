import Foundation
import SwiftletGround
import SwiftletModelFiles

/// Takes how far the writing of a model is: bytes of its tensors so far, and of all.
public typealias WritingProgress = (_ bytes: Int, _ total: Int) -> Void

extension TensorSource {
    /// Writes the GGUF file in place of what has that name, all or nothing, a few megabytes at a time.
    ///
    /// Throws `CancellationError` when the task is cancelled, and what the source and the disk throw.
    func writeFile(to url: URL, progress: WritingProgress) throws {
        if let input = urls.first(where: { FileIdentity.areSame($0, url) }) {
            throw ConversionError(
                .malformed, "is the file that is read", at: input.path(percentEncoded: false),
                advice: "Give the new file another name")
        }
        var writer = try GGUFWriter(metadata: metadata)
        for tensor in tensors { try writer.add(tensor.name, type: tensor.type, dimensions: tensor.dimensions) }
        let total = writer.tensors.reduce(0) { $0 + $1.byteCount }
        var (index, written) = (0, 0)
        try writer.write(to: url) { _, write in
            try forEachPiece(ofTensor: index) { piece in
                try write(piece)
                written += piece.count
                progress(written, total)
            }
            index += 1
        }
    }

    /// Passes a tensor's bytes in its type to `body`, some rows at a time.
    func forEachPiece(ofTensor index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let tensor = tensors[index]
        let step = max(1, (1 << 20) / max(tensor.columns, 1))
        for first in stride(from: 0, to: tensor.rows, by: step) {
            try Task.checkCancellation()
            try withUnsafeRows(first..<min(first + step, tensor.rows), ofTensor: index, body)
        }
    }
}
