/// 32 weights `(q - 16) * scale`, q of 5 bits.
///
/// Block of 22 bytes: scale F16; 32 bits, bit j the fifth bit of q[j]; 16 bytes of low bits as in Q4_0.
enum Q5_0Format: Format {
    static let type = ElementType.q5_0

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
}
