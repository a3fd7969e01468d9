/// Super-block of 256 weights in 8 groups of 32: `levels[q] * groupScale`, with IQ4_NL's sixteen levels.
///
/// 136 bytes: scale of scales F16; group scales of 6 bits, offset by 32: high bits two a group in 16 bits, then low bits four a
/// group in 4 bytes; 128 bytes of q, 16 a group, each laid out as Q4_0.
enum IQ4_XSFormat: Format {
    static let type = ElementType.iq4_XS

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let high = block.uint16(2)
        let levels = IQ4_NLFormat.levels.entries
        for group in 0..<8 {
            let low = block[4 + group / 2] >> UInt8(group % 2 * 4) & 15
            let bits = Int32(low) | Int32(high >> UInt16(2 * group) & 3) << 4
            let groupScale = scale * Float(bits &- 32)
            let codes = block + 8 + group * 16
            let numbers = output + group * 32
            for j in 0..<16 {
                numbers[j] = groupScale * levels[Int(codes[j] & 15)]
                numbers[j + 16] = groupScale * levels[Int(codes[j] >> 4)]
            }
        }
    }
}
