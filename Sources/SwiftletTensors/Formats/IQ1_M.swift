/// Super-block of 256 weights: eight at a time are a point of IQ1_S's ternary grid, moved up or down by 1/8; a scale for each 16.
///
/// 56 bytes: 32 bytes of low bits of the grid indices; 16 bytes, for each two points 3 high bits of the index and the sign of the
/// move, twice; four times 16 bits: four 3-bit scales, and on top 4 bits of the F16 scale of scales, lowest first.
enum IQ1_MFormat: Format {
    static let type = ElementType.iq1_M

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        var scaleBits: UInt16 = 0
        for part in 0..<4 { scaleBits |= (block.uint16(48 + part * 2) >> 12) << UInt16(part * 4) }
        let scale = float(half: scaleBits)
        let grid = Grids.iq1_S.entries
        for l in 0..<32 {
            let group = l / 2
            let bits = block.uint16(48 + group / 4 * 2) >> UInt16(group % 4 * 3) & 7
            let groupScale = scale * Float(2 &* Int32(bits) &+ 1)
            let high = block[32 + group] >> UInt8(l % 2 * 4)
            let index = Int(block[l]) | Int(high & 7) << 8
            let move = high & 8 == 0 ? IQ1_SFormat.move : -IQ1_SFormat.move
            Grids.write(moved: grid[index], by: move, groupScale, output + l * 8)
        }
    }
}
