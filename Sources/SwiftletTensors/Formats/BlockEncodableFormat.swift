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
