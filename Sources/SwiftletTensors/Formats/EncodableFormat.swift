/// A format that numbers can be written in.
///
/// Encoding gives the bytes that the reference's `quantize_*` (ggml-quants.c, x86-64, where nothing is fused) gives: plain
/// single-precision arithmetic in the reference's order. Rows of a call are independent, and calls may run on several threads.
package protocol EncodableFormat: Format {
    /// Whether the reference refuses to write it without importance weights (`ggml_quantize_requires_imatrix`).
    static var requiresImportance: Bool { get }

    /// Encodes whole rows: `rows` [rowCount, columns] and `importance` [columns] for all of them, or nil, into
    /// `rowCount * type.bytes(elements: columns)` bytes; numbers must be finite (`firstNotFinite`).
    /// Kernels take sixteen blocks at a time: calls of many blocks are fastest.
    ///
    /// All instruction sets give the same bytes; nil is the encoder in Swift, which the kernels are tested against.
    static func encode(
        _ rows: UnsafeBufferPointer<Float>, columns: Int, importance: UnsafeBufferPointer<Float>?,
        into output: UnsafeMutableRawBufferPointer, with instructionSet: InstructionSet?)

    /// Where a block has scales in half precision.
    static var halfOffsets: [Int] { get }

    /// The first block whose scale is NaN or infinite: its numbers, though finite, were too large for the format
    /// (ggml-quants.c, `ggml_validate_row_data`).
    static func firstBrokenBlock(_ blocks: UnsafeRawBufferPointer) -> Int?
}

extension EncodableFormat {
    package static var requiresImportance: Bool { false }
    package static var halfOffsets: [Int] { [] }

    package static func firstBrokenBlock(_ blocks: UnsafeRawBufferPointer) -> Int? {
        let offsets = halfOffsets
        return firstBlock(blocks) { block in offsets.contains { block.uint16($0) & 0x7C00 == 0x7C00 } }
    }

    @inline(__always)
    static func firstBlock(_ blocks: UnsafeRawBufferPointer, where isBroken: (UnsafePointer<UInt8>) -> Bool) -> Int? {
        guard let start = blocks.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        let bytes = type.blockBytes
        return (0..<blocks.count / bytes).first { isBroken(start + $0 * bytes) }
    }

    package static func encode(
        _ rows: UnsafeBufferPointer<Float>, columns: Int, importance: UnsafeBufferPointer<Float>?,
        into output: UnsafeMutableRawBufferPointer
    ) {
        encode(rows, columns: columns, importance: importance, into: output, with: .best)
    }
}

extension FormatCatalog {
    /// The encoder of an element type; nil for whole numbers and F64, which are not for weights.
    package static func encoder(of type: ElementType) -> (any EncodableFormat.Type)? {
        format(of: type) as? any EncodableFormat.Type
    }
}

extension UnsafeBufferPointer<Float> {
    /// The position of the first NaN or infinity, which no format can hold.
    package var firstNotFinite: Int? {
        // A chunk first as a whole, without a branch for each number.
        var start = 0
        while start < count {
            let end = Swift.min(start + 256, count)
            var largest: UInt32 = 0
            for i in start..<end { largest = Swift.max(largest, self[i].bitPattern & 0x7FFF_FFFF) }
            if largest >= 0x7F80_0000 { return (start..<end).first { !self[$0].isFinite } }
            start = end
        }
        return nil
    }
}
