/// Super-block of 256 weights in 8 groups of 32: four weights at a time are a point of a grid of 256, with signs.
///
/// 98 bytes: scale F16; 64 grid indices of 8 bits; for each group 32 bits: four times 7 bits of signs for eight weights (the
/// eighth makes the number of minuses even) and a group scale of 4 bits on top.
enum IQ3_XXSFormat: Format {
    static let type = ElementType.iq3_XXS

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq3_XXS.entries
        let evenSigns = Grids.evenSigns.entries
        for group in 0..<8 {
            let packed = block.uint32(66 + group * 4)
            let groupScale = scale * (0.5 + Float(packed >> 28)) * 0.5
            for l in 0..<4 {
                let signs = evenSigns[Int(packed >> UInt32(7 * l) & 127)]
                let indices = block + 2 + group * 8 + l * 2
                let points = UInt64(grid[Int(indices[0])]) | UInt64(grid[Int(indices[1])]) << 32
                Grids.write(points, signs, groupScale, output + group * 32 + l * 8)
            }
        }
    }
}
