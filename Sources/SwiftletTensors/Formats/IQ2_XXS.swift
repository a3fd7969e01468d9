/// Super-block of 256 weights in 8 groups of 32: eight weights at a time are a point of a grid of 256, with signs.
///
/// 66 bytes: scale F16; for each group four grid indices of 8 bits, then 32 bits: four times 7 bits of signs (the eighth makes
/// the number of minuses even) and a group scale of 4 bits on top.
enum IQ2_XXSFormat: Format {
    static let type = ElementType.iq2_XXS

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq2_XXS.entries
        let evenSigns = Grids.evenSigns.entries
        for group in 0..<8 {
            let indices = block + 2 + group * 8
            let packed = indices.uint32(4)
            let groupScale = scale * (0.5 + Float(packed >> 28)) * 0.25
            for l in 0..<4 {
                let signs = evenSigns[Int(packed >> UInt32(7 * l) & 127)]
                Grids.write(grid[Int(indices[l])], signs, groupScale, output + group * 32 + l * 8)
            }
        }
    }
}
