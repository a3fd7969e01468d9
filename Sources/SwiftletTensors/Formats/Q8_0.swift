/// 32 weights `q * scale`, q of 8 bits with sign.
///
/// Block of 34 bytes: scale F16; 32 bytes.
enum Q8_0Format: Format {
    static let type = ElementType.q8_0

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        for j in 0..<32 {
            output[j] = Float(Int32(block.int8(2 + j))) * scale
        }
    }
}
