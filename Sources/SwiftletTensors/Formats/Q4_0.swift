/// 32 weights `(q - 8) * scale`, q of 4 bits.
///
/// Block of 18 bytes: scale F16; 16 bytes, byte j holding q[j] in its low half and q[j + 16] in its high half.
enum Q4_0Format: BlockEncodableFormat {
    static let type = ElementType.q4_0
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let codes = block + 2
        for j in 0..<16 {
            output[j] = Float(Int32(codes[j] & 15) &- 8) * scale
            output[j + 16] = Float(Int32(codes[j] >> 4) &- 8) * scale
        }
    }

    static let weighsByRow = true

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        if let importance {
            importance.fitWeights(x, count: 32, meanSquare: importance.rowMeanSquare, into: scratch.weights)
            let scale = SymmetricSearch.fit(x, scratch.weights, count: 32, half: 8, codes: scratch.codes)
            block.setHalf(0, scale)
        } else {
            let scale = SymmetricSearch.largestMagnitude(x, 32) / -8
            let inverse = scale != 0 ? 1 / scale : 0
            block.setHalf(0, scale)
            for j in 0..<32 { scratch.codes[j] = LegacyCodes.code(x[j] * inverse + 8.5, top: 15) }
        }
        LegacyCodes.packHalves(scratch.codes, into: block + 2)
    }
}
