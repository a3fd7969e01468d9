public import Foundation
import SwiftletTensors

/// A model as something that a writer can stream: metadata, and tensors whose rows are made or read when they are asked for.
///
/// A GGUF file is one; a converter of checkpoints is another, so that converting and quantizing need no file in between.
public protocol TensorSource: Sendable {
    /// The files that rows are read from, which nobody may replace while they are.
    var urls: [URL] { get }
    /// The metadata in its order.
    var metadata: GGUFMetadata { get }
    /// The tensors: names, types and dimensions (innermost first), in any order.
    var tensors: [GGUFTensor] { get }

    /// Calls `body` with the bytes of some rows of `tensors[index]`, in that tensor's type, rows of all outer dimensions
    /// counted together; the bytes are valid only inside the call. Comes from any thread, several at a time.
    ///
    /// Throws what `body` throws, and what reading throws.
    func withUnsafeRows(
        _ rows: Range<Int>, ofTensor index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws
}

extension GGUFFile: TensorSource {
    /// Rows where they lie in the mapping; their memory is given back to the kernel after the call.
    public func withUnsafeRows(
        _ rows: Range<Int>, ofTensor index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let part = tensor(at: index).rows(rows)
        defer { part.release() }
        try body(part.bytes)
    }
}
