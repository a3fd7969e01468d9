public import Foundation
public import SwiftletGround

/// A GGUF file under way whose tensors are filled in any order and from several threads; it gets its name all or nothing.
///
/// `GGUFWriter.write` is the simpler way for who has the bytes in order.
public final class GGUFOutput: @unchecked Sendable {
    // Sendable: places are fixed by init, and writes to a place go straight to the file.

    public let tensors: [GGUFTensor]
    /// The size of the whole file.
    public let byteCount: Int

    private let file: FileReplacement
    private let dataOffset: Int

    /// Creates the temporary file with header and room for all tensors of `writer`; throws if the disk has no room.
    public init(_ writer: GGUFWriter, to url: URL) throws(ModelFileError) {
        tensors = writer.tensors
        let header = writer.headerBytes()
        file = try FileReplacement(url)
        // A file without tensors ends with its header, as the vocabulary files of the field do.
        let padding = tensors.isEmpty ? 0 : (writer.alignment - header.count % writer.alignment) % writer.alignment
        dataOffset = header.count + padding
        byteCount = dataOffset + writer.dataBytes
        try file.checkRoom(for: byteCount)
        try file.write(header)
        try file.extend(to: byteCount)
    }

    /// Writes some of the bytes of `tensors[index]`, `offset` bytes after its beginning.
    public func write(_ bytes: UnsafeRawBufferPointer, tensor index: Int, at offset: Int) throws(ModelFileError) {
        let tensor = tensors[index]
        precondition(
            offset >= 0 && bytes.count <= tensor.byteCount - offset,
            "\(bytes.count) bytes at \(offset) of tensor \(tensor.name), which has \(tensor.byteCount)")
        try file.write(bytes, at: dataOffset + tensor.offset + offset)
    }

    /// Gives the file its name, once all bytes are on the disk; what had that name before is replaced.
    public func commit() throws(ModelFileError) { try file.commit() }

    /// Removes the temporary file, as the end of the object does; does nothing after `commit`.
    public func discard() { file.discard() }
}
