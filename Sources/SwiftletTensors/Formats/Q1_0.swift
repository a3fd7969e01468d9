/// 128 weights of one bit: `scale` where it is set, `-scale` where it is not.
///
/// Block of 18 bytes: scale F16; 128 bits, lowest first.
enum Q1_0Format: BlockEncodableFormat {
    static let type = ElementType.q1_0
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        for j in 0..<128 {
            output[j] = block[2 + j / 8] >> UInt8(j % 8) & 1 == 1 ? scale : -scale
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        var sum: Float = 0
        for j in 0..<128 { sum += abs(x[j]) }
        block.setHalf(0, sum / 128)
        for byte in 0..<16 {
            block[2 + byte] = (0..<8).reduce(0) { bits, j in bits | (x[byte * 8 + j] >= 0 ? 1 << UInt8(j) : 0) }
        }
    }
}
