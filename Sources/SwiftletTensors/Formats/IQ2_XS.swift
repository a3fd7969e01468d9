/// Super-block of 256 weights: eight at a time are a point of a grid of 512, with signs; a scale for each 16.
///
/// 74 bytes: scale F16; 32 times 16 bits: grid index of 9 bits, 7 bits of signs (the eighth makes the number of minuses even);
/// 8 bytes of 4-bit scales, lower half first.
enum IQ2_XSFormat: Format {
    static let type = ElementType.iq2_XS

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq2_XS.entries
        let evenSigns = Grids.evenSigns.entries
        for l in 0..<32 {
            let bits = block[66 + l / 4] >> UInt8(l % 4 / 2 * 4) & 15
            let groupScale = scale * (0.5 + Float(Int32(bits))) * 0.25
            let packed = block.uint16(2 + l * 2)
            Grids.write(grid[Int(packed & 511)], evenSigns[Int(packed >> 9)], groupScale, output + l * 8)
        }
    }
}
