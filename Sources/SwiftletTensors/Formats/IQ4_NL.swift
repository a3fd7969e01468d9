/// 32 weights `levels[q] * scale`, q of 4 bits: sixteen levels, closer together around zero.
///
/// Block of 18 bytes, laid out as Q4_0.
enum IQ4_NLFormat: BlockEncodableFormat {
    static let type = ElementType.iq4_NL
    static let halfOffsets = [0]

    /// ggml-common.h, `kvalues_iq4nl`.
    static let levels = Codebook([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113] as [Float])

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let levels = levels.entries
        for j in 0..<16 {
            output[j] = scale * levels[Int(block[2 + j] & 15)]
            output[j + 16] = scale * levels[Int(block[2 + j] >> 4)]
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let scale = LevelSearch.fit(x, importance, meanSquare: sumOfSquares(x, 32) * (2 / 32), scratch.weights)
        block.setHalf(0, scale)
        let inverse = scale != 0 ? 1 / scale : 0
        for j in 0..<32 { scratch.codes[j] = LevelSearch.code(inverse * x[j]) }
        LegacyCodes.packHalves(scratch.codes, into: block + 2)
    }
}
