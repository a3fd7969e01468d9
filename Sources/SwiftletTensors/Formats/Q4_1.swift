/// 32 weights `q * scale + minimum`, q of 4 bits.
///
/// Block of 20 bytes: scale F16, minimum F16; 16 bytes, byte j holding q[j] in its low half and q[j + 16] in its high half.
enum Q4_1Format: BlockEncodableFormat {
    static let type = ElementType.q4_1
    static let halfOffsets = [0, 2]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let minimum = block.half(2)
        let codes = block + 4
        for j in 0..<16 {
            output[j] = Float(Int32(codes[j] & 15)) * scale + minimum
            output[j + 16] = Float(Int32(codes[j] >> 4)) * scale + minimum
        }
    }

    static let weighsByRow = true

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        if let importance {
            importance.fitWeights(x, count: 32, meanSquare: importance.rowMeanSquare, into: scratch.weights)
            let line = AffineSearch.important(top: 15)
                .fit(x, scratch.weights, count: 32, codes: scratch.codes, trial: scratch.trial)
            block.setHalf(0, line.scale)
            block.setHalf(2, -line.minimum)
        } else {
            let (low, high) = LegacyCodes.range(x)
            let scale = (high - low) / 15
            let inverse = scale != 0 ? 1 / scale : 0
            block.setHalf(0, scale)
            block.setHalf(2, low)
            for j in 0..<32 { scratch.codes[j] = LegacyCodes.code((x[j] - low) * inverse + 0.5, top: 15) }
        }
        LegacyCodes.packHalves(scratch.codes, into: block + 4)
    }
}
