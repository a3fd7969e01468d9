/// Super-block of 256 weights: eight at a time are a point of a grid of 1024, with signs; a scale for each 16.
///
/// 82 bytes: scale F16; 32 bytes of low bits of the grid indices; 32 bytes of signs; 8 bytes of two high bits an index, lowest
/// first; 8 bytes of 4-bit scales, lower half first.
enum IQ2_SFormat: Format {
    static let type = ElementType.iq2_S

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq2_S.entries
        for l in 0..<32 {
            let bits = block[74 + l / 4] >> UInt8(l % 4 / 2 * 4) & 15
            let groupScale = scale * (0.5 + Float(Int32(bits))) * 0.25
            let high = block[66 + l / 4] >> UInt8(l % 4 * 2) & 3
            let index = Int(block[2 + l]) | Int(high) << 8
            Grids.write(grid[index], block[34 + l], groupScale, output + l * 8)
        }
    }
}
