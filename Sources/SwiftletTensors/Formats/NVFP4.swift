/// 64 weights in 4-bit floats E2M1, with a scale for each 16.
///
/// Block of 36 bytes: four scales of unsigned E4M3; 32 bytes, 8 for each 16 weights: byte j holds weight j in its low and
/// j + 8 in its high half.
enum NVFP4Format: BlockEncodableFormat {
    static let type = ElementType.nvfp4

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let levels = MXFP4Format.doubledLevels.entries
        for group in 0..<4 {
            let scale = halfFloat(ue4m3: block[group])
            let codes = block + 4 + group * 8
            let numbers = output + group * 16
            for j in 0..<8 {
                numbers[j] = levels[Int(codes[j] & 15)] * scale
                numbers[j + 8] = levels[Int(codes[j] >> 4)] * scale
            }
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        for group in 0..<4 {
            let numbers = x + group * 16
            var largest: Float = 0
            for j in 0..<16 { largest = max(largest, abs(numbers[j])) }
            let bits = ue4m3Bits(largest / 6)
            block[group] = bits
            let scale = halfFloat(ue4m3: bits)
            for j in 0..<8 {
                block[4 + group * 8 + j] =
                    MXFP4Format.code(numbers[j], scale) | MXFP4Format.code(numbers[j + 8], scale) << 4
            }
        }
    }
}
