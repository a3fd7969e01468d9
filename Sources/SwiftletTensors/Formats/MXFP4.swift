/// 32 weights in 4-bit floats E2M1 with a shared power of two (OCP Microscaling Formats 1.0).
///
/// Block of 17 bytes: scale E8M0; 16 bytes laid out as Q4_0.
enum MXFP4Format: BlockEncodableFormat {
    static let type = ElementType.mxfp4

    /// Twice the values of E2M1, so that they are whole; the scale is halved instead.
    static let doubledLevels = Codebook([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12] as [Float])

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = halfFloat(e8m0: block[0])
        let levels = doubledLevels.entries
        for j in 0..<16 {
            output[j] = levels[Int(block[1 + j] & 15)] * scale
            output[j + 16] = levels[Int(block[1 + j] >> 4)] * scale
        }
    }

    static func firstBrokenBlock(_ blocks: UnsafeRawBufferPointer) -> Int? { firstBlock(blocks) { $0[0] == 255 } }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        var largest: Float = 0
        for j in 0..<32 { largest = larger(largest, abs(x[j])) }
        let exponent = largest > 0 ? UInt8(truncatingIfNeeded: floorOfLog2(largest) - 2 + 127) : 0
        block[0] = exponent
        let scale = halfFloat(e8m0: exponent)
        for j in 0..<16 { block[1 + j] = code(x[j], scale) | code(x[j + 16], scale) << 4 }
    }

    /// The level that is nearest, the first of those equally near.
    @inline(__always)
    static func code(_ x: Float, _ scale: Float) -> UInt8 {
        let levels = doubledLevels.entries
        var (best, error) = (UInt8(0), abs(levels[0] * scale - x))
        for code in 1..<UInt8(16) {
            let distance = abs(levels[Int(code)] * scale - x)
            if distance < error { (best, error) = (code, distance) }
        }
        return best
    }

    /// The floor of the logarithm as a Float holds it: a number just below a power of two may round up to it, the more, the
    /// larger the exponent. (The C library's `log2f`, without depending on which C library it is.)
    static func floorOfLog2(_ x: Float) -> Int32 {
        let exponent = Int32(x.exponent)
        // x = 2^(exponent + 1) * (1 - distance); its logarithm is exponent + 1 - distance / ln 2, nearly.
        let distance = 1 - Double(x.significand) / 2
        let below = Float(exponent + 1)
        let logarithm = Double(below) - distance / 0.693_147_180_559_945_3
        return distance < 0x1p-12 && Float(logarithm) == below ? exponent + 1 : exponent
    }
}
