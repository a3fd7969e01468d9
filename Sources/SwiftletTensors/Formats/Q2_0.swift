/// 64 weights `(q - 1) * scale`, q of 2 bits: -1, 0, 1 or 2 times the scale.
///
/// Block of 18 bytes: scale F16; 16 bytes of four q each, lowest bits first.
enum Q2_0Format: BlockEncodableFormat {
    static let type = ElementType.q2_0
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        for j in 0..<64 {
            let code = block[2 + j / 4] >> UInt8(j % 4 * 2) & 3
            output[j] = Float(Int32(code) &- 1) * scale
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        var scale: Float = 0
        for j in 0..<64 { scale = max(scale, abs(x[j])) }
        let inverse = scale > 0 ? 1 / scale : 0
        block.setHalf(0, scale)
        for byte in 0..<16 {
            block[2 + byte] = (0..<4).reduce(0) { bits, j in
                let code = clamp(roundedAway(x[byte * 4 + j] * inverse) &+ 1, 0, 3)
                return bits | UInt8(code) << UInt8(j * 2)
            }
        }
    }
}
