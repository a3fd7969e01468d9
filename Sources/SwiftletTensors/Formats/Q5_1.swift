/// 32 weights `q * scale + minimum`, q of 5 bits.
///
/// Block of 24 bytes: scale F16, minimum F16; 32 bits, bit j the fifth bit of q[j]; 16 bytes of low bits as in Q4_1.
enum Q5_1Format: BlockEncodableFormat {
    static let type = ElementType.q5_1
    static let halfOffsets = [0, 2]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let minimum = block.half(2)
        let high = block.uint32(4)
        let codes = block + 8
        for j in 0..<16 {
            let first = UInt32(codes[j] & 15) | (high >> UInt32(j) & 1) << 4
            let second = UInt32(codes[j] >> 4) | (high >> UInt32(j + 16) & 1) << 4
            output[j] = Float(Int32(bitPattern: first)) * scale + minimum
            output[j + 16] = Float(Int32(bitPattern: second)) * scale + minimum
        }
    }

    static let weighsByRow = true

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        if let importance {
            importance.fitWeights(x, count: 32, meanSquare: importance.rowMeanSquare, into: scratch.weights)
            let line = AffineSearch.important(top: 31)
                .fit(x, scratch.weights, count: 32, codes: scratch.codes, trial: scratch.trial)
            block.setHalf(0, line.scale)
            block.setHalf(2, -line.minimum)
        } else {
            let (low, high) = LegacyCodes.range(x)
            let scale = (high - low) / 31
            let inverse = scale != 0 ? 1 / scale : 0
            block.setHalf(0, scale)
            block.setHalf(2, low)
            // Not bounded by 31: rounding cannot pass it.
            for j in 0..<32 {
                scratch.codes[j] = UInt8(truncatingIfNeeded: truncated((x[j] - low) * inverse + 0.5))
            }
        }
        block.set(4, LegacyCodes.fifthBits(scratch.codes))
        LegacyCodes.packHalves(scratch.codes, into: block + 8)
    }
}
