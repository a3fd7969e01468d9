/// 32 weights `(q - 8) * scale`, q of 4 bits.
///
/// Block of 18 bytes: scale F16; 16 bytes, byte j holding q[j] in its low half and q[j + 16] in its high half.
enum Q4_0Format: Format {
    static let type = ElementType.q4_0

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let codes = block + 2
        for j in 0..<16 {
            output[j] = Float(Int32(codes[j] & 15) &- 8) * scale
            output[j + 16] = Float(Int32(codes[j] >> 4) &- 8) * scale
        }
    }
}
