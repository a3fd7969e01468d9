/// Super-block of 256 weights in 8 groups of 32: four weights at a time are a point of a grid of 512, with signs.
///
/// 110 bytes: scale F16; 64 bytes of low bits of the grid indices; 8 bytes of ninth bits, lowest first; 32 bytes of signs;
/// 4 bytes of 4-bit group scales, lower half first.
enum IQ3_SFormat: Format {
    static let type = ElementType.iq3_S

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq3_S.entries
        for group in 0..<8 {
            let bits = block[106 + group / 2] >> UInt8(group % 2 * 4) & 15
            let groupScale = scale * Float(1 &+ 2 &* Int32(bits))
            let high = Int(block[66 + group])
            for l in 0..<4 {
                let indices = block + 2 + group * 8 + l * 2
                let first = Int(indices[0]) | (high >> (2 * l) & 1) << 8
                let second = Int(indices[1]) | (high >> (2 * l + 1) & 1) << 8
                let points = UInt64(grid[first]) | UInt64(grid[second]) << 32
                Grids.write(points, block[74 + group * 4 + l], groupScale, output + group * 32 + l * 8)
            }
        }
    }
}
