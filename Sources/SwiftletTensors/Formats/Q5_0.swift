/// 32 weights `(q - 16) * scale`, q of 5 bits.
///
/// Block of 22 bytes: scale F16; 32 bits, bit j the fifth bit of q[j]; 16 bytes of low bits as in Q4_0.
enum Q5_0Format: BlockEncodableFormat {
    static let type = ElementType.q5_0
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let high = block.uint32(2)
        let codes = block + 6
        for j in 0..<16 {
            let first = UInt32(codes[j] & 15) | (high >> UInt32(j) & 1) << 4
            let second = UInt32(codes[j] >> 4) | (high >> UInt32(j + 16) & 1) << 4
            output[j] = Float(Int32(bitPattern: first) &- 16) * scale
            output[j + 16] = Float(Int32(bitPattern: second) &- 16) * scale
        }
    }

    static let weighsByRow = true

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        if let importance {
            importance.fitWeights(x, count: 32, meanSquare: importance.rowMeanSquare, into: scratch.weights)
            let scale = SymmetricSearch.fit(x, scratch.weights, count: 32, half: 16, codes: scratch.codes)
            block.setHalf(0, scale)
        } else {
            let scale = SymmetricSearch.largestMagnitude(x, 32) / -16
            let inverse = scale != 0 ? 1 / scale : 0
            block.setHalf(0, scale)
            for j in 0..<32 { scratch.codes[j] = LegacyCodes.code(x[j] * inverse + 16.5, top: 31) }
        }
        block.set(2, LegacyCodes.fifthBits(scratch.codes))
        LegacyCodes.packHalves(scratch.codes, into: block + 6)
    }
}
