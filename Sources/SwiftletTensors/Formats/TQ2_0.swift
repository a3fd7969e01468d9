/// 256 weights `(q - 1) * scale`, q of 2 bits: for ternary models, -1, 0 or 1 times the scale.
///
/// Block of 66 bytes: 64 bytes of q, laid out as in Q2_K; scale F16.
enum TQ2_0Format: BlockEncodableFormat {
    static let type = ElementType.tq2_0
    static let halfOffsets = [64]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(64)
        for group in 0..<8 {
            let codes = block + group / 4 * 32
            let shift = UInt8(group % 4 * 2)
            let numbers = output + group * 32
            for l in 0..<32 {
                numbers[l] = Float(Int32(codes[l] >> shift & 3) &- 1) * scale
            }
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        var scale: Float = 0
        for j in 0..<256 { scale = max(scale, abs(x[j])) }
        let inverse = scale != 0 ? 1 / scale : 0
        block.setHalf(64, scale)
        for byte in 0..<64 {
            let numbers = x + byte / 32 * 128 + byte % 32
            block[byte] = (0..<4).reduce(0) { bits, n in
                let code = UInt8(truncatingIfNeeded: roundedAway(numbers[n * 32] * inverse) &+ 1) & 3
                return bits | code << UInt8(2 * n)
            }
        }
    }
}
