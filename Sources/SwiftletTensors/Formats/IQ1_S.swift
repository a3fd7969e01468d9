/// Super-block of 256 weights in 8 groups of 32: eight weights at a time are a point of a ternary grid of 2048, moved up or down
/// by 1/8.
///
/// 50 bytes: scale F16; 32 bytes of low bits of the grid indices; for each group 16 bits: four times 3 high bits of indices, a
/// group scale of 3 bits, and the sign of the move.
enum IQ1_SFormat: Format {
    static let type = ElementType.iq1_S

    /// ggml-common.h, `IQ1S_DELTA`.
    static let move: Float = 0.125

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq1_S.entries
        for group in 0..<8 {
            let packed = block.uint16(34 + group * 2)
            let groupScale = scale * Float(2 &* Int32(packed >> 12 & 7) &+ 1)
            let shift = packed & 0x8000 == 0 ? move : -move
            for l in 0..<4 {
                let index = Int(block[2 + group * 4 + l]) | Int(packed >> UInt16(3 * l) & 7) << 8
                Grids.write(moved: grid[index], by: shift, groupScale, output + group * 32 + l * 8)
            }
        }
    }
}
