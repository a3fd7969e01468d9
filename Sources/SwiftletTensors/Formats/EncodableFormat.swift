/// A format that numbers can be written in.
///
/// Encoding gives the bytes that the reference's `quantize_*` (ggml-quants.c, x86-64, where nothing is fused) gives: plain
/// single-precision arithmetic in the reference's order. Rows of a call are independent, and calls may run on several threads.
package protocol EncodableFormat: Format {
    /// Whether the reference refuses to write it without importance weights (`ggml_quantize_requires_imatrix`).
    static var requiresImportance: Bool { get }

    /// Encodes whole rows: `rows` [rowCount, columns] and `importance` [columns] for all of them, or nil, into
    /// `rowCount * type.bytes(elements: columns)` bytes; numbers must be finite (`firstNotFinite`).
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

/// A format that is encoded block by block.
protocol BlockEncodableFormat: EncodableFormat {
    /// Whether the weighing of a block looks at the whole row (`BlockImportance.rowMeanSquare`).
    static var weighsByRow: Bool { get }

    /// Encodes `type.blockSize` numbers to `type.blockBytes` bytes, all of which it writes.
    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>)
}

/// How much each number of a block matters.
struct BlockImportance {
    var weights: UnsafePointer<Float>
    /// The mean of the squares of the row that the block is in; only where the format `weighsByRow`.
    var rowMeanSquare: Float

    /// The part from `offset` on.
    @inline(__always) func advanced(by offset: Int) -> BlockImportance {
        BlockImportance(weights: weights + offset, rowMeanSquare: rowMeanSquare)
    }

    /// The reference's weights of a least-squares fit: importance times sqrt(meanSquare + x^2).
    @inline(__always)
    func fitWeights(_ x: UnsafePointer<Float>, count: Int, meanSquare: Float, into output: UnsafeMutablePointer<Float>)
    {
        for i in 0..<count { output[i] = weights[i] * (meanSquare + x[i] * x[i]).squareRoot() }
    }
}

extension BlockEncodableFormat {
    static var weighsByRow: Bool { false }

    static func encode(
        _ rows: UnsafeBufferPointer<Float>, columns: Int, importance: UnsafeBufferPointer<Float>?,
        into output: UnsafeMutableRawBufferPointer, with instructionSet: InstructionSet?
    ) {
        EncodingCheck.shapes(type, rows, columns: columns, importance: importance, output)
        precondition(importance != nil || !requiresImportance, "\(name) needs importance weights")
        guard let numbers = rows.baseAddress, let bytes = output.baseAddress else { return }
        if let instructionSet,
            KernelTable(instructionSet).encode(
                type, numbers, blocks: rows.count / type.blockSize, importance: importance?.baseAddress,
                rowBlocks: columns / type.blockSize, to: bytes)
        {
            return
        }
        let scratch = EncoderScratch()
        var block = bytes.assumingMemoryBound(to: UInt8.self)
        for row in 0..<rows.count / columns {
            let x = numbers + row * columns
            let meanSquare = weighsByRow && importance != nil ? sumOfSquares(x, columns) / Float(columns) : 0
            for column in stride(from: 0, to: columns, by: type.blockSize) {
                let weights = importance?.baseAddress.map {
                    BlockImportance(weights: $0 + column, rowMeanSquare: meanSquare)
                }
                encodeBlock(x + column, weights, scratch, block)
                block += type.blockBytes
            }
        }
    }
}

enum EncodingCheck {
    /// The caller's shapes, which it has computed itself.
    static func shapes(
        _ type: ElementType, _ rows: UnsafeBufferPointer<Float>, columns: Int,
        importance: UnsafeBufferPointer<Float>?, _ output: UnsafeMutableRawBufferPointer
    ) {
        precondition(
            columns > 0 && columns % type.blockSize == 0 && rows.count % columns == 0,
            "\(rows.count) numbers in rows of \(columns) for \(type.name)")
        precondition(
            output.count == rows.count / type.blockSize * type.blockBytes,
            "\(output.count) bytes for \(rows.count) numbers in \(type.name)")
        precondition(
            importance == nil || importance?.count == columns,
            "\(importance?.count ?? 0) importance weights for \(columns) columns")
    }
}

/// Added up in order: the order is part of the bytes.
@inline(__always)
func sumOfSquares(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var sum: Float = 0
    for i in 0..<count { sum += x[i] * x[i] }
    return sum
}
