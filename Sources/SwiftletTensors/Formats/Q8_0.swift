/// 32 weights `q * scale`, q of 8 bits with sign.
///
/// Block of 34 bytes: scale F16; 32 bytes.
enum Q8_0Format: BlockEncodableFormat {
    static let type = ElementType.q8_0
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        for j in 0..<32 {
            output[j] = Float(Int32(block.int8(2 + j))) * scale
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        var largest: Float = 0
        for j in 0..<32 { largest = larger(largest, abs(x[j])) }
        let scale = largest / 127
        let inverse = scale != 0 ? 1 / scale : 0
        block.setHalf(0, scale)
        for j in 0..<32 { block[2 + j] = UInt8(truncatingIfNeeded: roundedAway(x[j] * inverse)) }
    }
}
