/// 32 weights `q * scale + minimum`, q of 5 bits.
///
/// Block of 24 bytes: scale F16, minimum F16; 32 bits, bit j the fifth bit of q[j]; 16 bytes of low bits as in Q4_1.
enum Q5_1Format: Format {
    static let type = ElementType.q5_1

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
}
