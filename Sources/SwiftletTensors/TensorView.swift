public import SwiftletGround

/// A tensor where it lies: shape, element type and memory that something else owns (a mapped file, a buffer).
///
/// `shape` is row-major, outermost dimension first: a weight is `[outputs, inputs]`, experts are `[experts, outputs, inputs]`.
/// (GGUF files list dimensions the other way round.) Rows, the innermost dimension, are whole numbers of blocks and lie
/// back to back.
public struct TensorView: @unchecked Sendable {
    // Sendable: the bytes are never written through a view, and `owner` keeps them alive.

    public let name: String
    public let shape: [Int]
    public let type: ElementType
    /// The bytes, valid for as long as this view lives.
    public let bytes: UnsafeRawBufferPointer
    private let owner: AnyObject

    /// Throws if `shape` does not make whole rows of blocks of `type` or needs more or less than `bytes`.
    public init(
        name: String, shape: [Int], type: ElementType, bytes: UnsafeRawBufferPointer, owner: AnyObject
    ) throws(TensorError) {
        let needed = try Self.byteCount(shape: shape, type: type, name: name)
        guard needed == bytes.count else {
            throw TensorError(
                .shape, "shape \(shape) in \(type.name) takes \(needed) bytes, not \(bytes.count)", at: "tensor \(name)"
            )
        }
        (self.name, self.shape, self.type, self.bytes, self.owner) = (name, shape, type, bytes, owner)
    }

    private init(part bytes: UnsafeRawBufferPointer, of whole: TensorView, shape: [Int]) {
        (name, type, owner) = (whole.name, whole.type, whole.owner)
        (self.shape, self.bytes) = (shape, bytes)
    }

    /// Bytes that a tensor takes; throws if the shape is negative, overflows, or splits a block.
    public static func byteCount(shape: [Int], type: ElementType, name: String) throws(TensorError) -> Int {
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else {
                throw TensorError(.shape, "shape \(shape) is impossible", at: "tensor \(name)")
            }
            count = product
        }
        guard (shape.last ?? 1) % type.blockSize == 0 else {
            throw TensorError(
                .shape, "rows of \(shape.last ?? 1) are no whole number of \(type.name) blocks of \(type.blockSize)",
                at: "tensor \(name)")
        }
        let (bytes, overflow) = (count / type.blockSize).multipliedReportingOverflow(by: type.blockBytes)
        guard !overflow else { throw TensorError(.shape, "shape \(shape) is impossible", at: "tensor \(name)") }
        return bytes
    }

    public var elementCount: Int { shape.reduce(1, *) }
    /// Elements of a row, the innermost dimension.
    public var columns: Int { shape.last ?? 1 }
    /// Rows of all outer dimensions together.
    public var rows: Int { shape.dropLast().reduce(1, *) }
    public var rowBytes: Int { type.bytes(elements: columns) }

    /// One index of the outermost dimension: an expert of `[experts, outputs, inputs]`.
    public subscript(outer index: Int) -> TensorView {
        precondition(shape.count > 1 && index >= 0 && index < shape[0], "index \(index) in shape \(shape)")
        let size = bytes.count / shape[0]
        return TensorView(
            part: UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size]), of: self,
            shape: Array(shape.dropFirst()))
    }

    /// Some of the rows as a matrix `[range.count, columns]`: the key part of a fused q/k/v weight.
    public func rows(_ range: Range<Int>) -> TensorView {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of shape \(shape)")
        let part = bytes[range.lowerBound * rowBytes..<range.upperBound * rowBytes]
        return TensorView(part: UnsafeRawBufferPointer(rebasing: part), of: self, shape: [range.count, columns])
    }

    /// Lets the kernel take back the memory of bytes that were read from a mapped file and will hardly be needed again.
    package func release() { (owner as? MappedFile)?.release(bytes) }

    /// The file that the tensor lies in; nil if it is in memory of another kind.
    package var mappedFile: MappedFile? { owner as? MappedFile }
}
