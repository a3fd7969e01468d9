import SwiftletGround

/// What stands before the data of one GGUF file.
struct GGUFHeader {
    static let magic: [UInt8] = Array("GGUF".utf8)
    static let mostDimensions = 4
    private static let defaultAlignment = 32
    private static let alignmentKey = "general.alignment"

    var version: UInt32
    var metadata: GGUFMetadata
    var tensors: [GGUFTensor]
    var alignment: Int
    /// Where the data section begins in the file.
    var dataOffset: Int

    /// What `general.alignment` says, 32 without it; throws if it is no power of two or of another type than uint32.
    static func alignment(_ metadata: GGUFMetadata) throws(ModelFileError) -> Int {
        guard let value = metadata[alignmentKey] else { return defaultAlignment }
        guard case .uint32(let alignment) = value else {
            throw ModelFileError(
                .wrongType, "is of type \(value.typeName), where uint32 is needed", at: "key \(alignmentKey)")
        }
        guard alignment.nonzeroBitCount == 1 else {
            throw ModelFileError(.malformed, "\(alignment) is not a power of two", at: "key \(alignmentKey)")
        }
        return Int(alignment)
    }

    /// Throws unless every tensor is aligned, inside the file, and apart from the others.
    func checkLayout(fileSize: Int) throws(ModelFileError) {
        for tensor in tensors {
            guard tensor.offset % alignment == 0 else {
                throw ModelFileError(
                    .malformed, "the data offset \(tensor.offset) is no multiple of the alignment \(alignment)",
                    at: "tensor \(tensor.name)")
            }
            guard tensor.byteCount <= fileSize - dataOffset, tensor.offset <= fileSize - dataOffset - tensor.byteCount
            else {
                throw ModelFileError(
                    .truncated,
                    "the data (\(tensor.byteCount) bytes at \(tensor.offset) of the data section, which begins at "
                        + "\(dataOffset)) ends past the file's \(fileSize) bytes",
                    at: "tensor \(tensor.name)", advice: "The file was cut short or damaged; get it again")
            }
        }
        let ordered = tensors.filter { $0.byteCount > 0 }.sorted { $0.offset < $1.offset }
        for (before, after) in zip(ordered, ordered.dropFirst()) where before.offset + before.byteCount > after.offset {
            throw ModelFileError(
                .malformed, "the data overlaps that of tensor \(before.name)",
                at: "tensor \(after.name), data offset \(after.offset)")
        }
    }
}
