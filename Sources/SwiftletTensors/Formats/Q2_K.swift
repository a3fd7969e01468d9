/// Super-block of 256 weights in 16 groups of 16: `q * groupScale - groupMinimum`, q of 2 bits.
///
/// 84 bytes: 16 bytes, a group's 4-bit scale (low half) and 4-bit minimum (high half); 64 bytes of q, two halves of 32 bytes,
/// each for 128 weights: byte l holds weights l, l + 32, l + 64 and l + 96, lowest bits first; scale of scales F16; scale of
/// minimums F16.
enum Q2_KFormat: Format {
    static let type = ElementType.q2_K

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(80)
        let minimum = block.half(82)
        for group in 0..<16 {
            let packed = block[group]
            let groupScale = scale * Float(Int32(packed & 15))
            let groupMinimum = minimum * Float(Int32(packed >> 4))
            let shift = UInt8(group % 8 / 2 * 2)
            let codes = block + 16 + group / 8 * 32 + group % 2 * 16
            let numbers = output + group * 16
            for l in 0..<16 {
                numbers[l] = groupScale * Float(Int32(codes[l] >> shift & 3)) - groupMinimum
            }
        }
    }
}
