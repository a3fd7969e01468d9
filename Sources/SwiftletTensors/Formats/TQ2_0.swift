/// 256 weights `(q - 1) * scale`, q of 2 bits: for ternary models, -1, 0 or 1 times the scale.
///
/// Block of 66 bytes: 64 bytes of q, laid out as in Q2_K; scale F16.
enum TQ2_0Format: Format {
    static let type = ElementType.tq2_0

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
}
