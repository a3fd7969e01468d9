/// 32 weights `q * scale + minimum`, q of 4 bits.
///
/// Block of 20 bytes: scale F16, minimum F16; 16 bytes, byte j holding q[j] in its low half and q[j + 16] in its high half.
enum Q4_1Format: Format {
    static let type = ElementType.q4_1

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
}
