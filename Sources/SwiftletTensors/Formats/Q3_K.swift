/// Super-block of 256 weights in 16 groups of 16: `(q - 4) * groupScale`, q of 3 bits.
///
/// 110 bytes: 32 bytes of high bits (bit m of byte l: weight 32 m + l); 64 bytes of low bits, laid out as in Q2_K; 12 bytes of
/// 6-bit group scales, offset by 32: four low bits of scales 0 to 7 in the low and 8 to 15 in the high halves of the first 8
/// bytes, two high bits of scale g in byte 8 + g % 4 at bit 2 (g / 4); scale of scales F16.
enum Q3_KFormat: Format {
    static let type = ElementType.q3_K

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(108)
        let packed = block + 96
        for group in 0..<16 {
            let low = packed[group % 8] >> UInt8(group / 8 * 4) & 15
            let high = packed[8 + group % 4] >> UInt8(group / 4 * 2) & 3
            let groupScale = scale * Float(Int32(low | high << 4) &- 32)
            let shift = UInt8(group % 8 / 2 * 2)
            let codes = block + 32 + group / 8 * 32 + group % 2 * 16
            let highBits = block + group % 2 * 16
            let highShift = UInt8(group / 2)
            let numbers = output + group * 16
            for l in 0..<16 {
                let code = codes[l] >> shift & 3 | (highBits[l] >> highShift & 1) << 2
                numbers[l] = groupScale * Float(Int32(code) &- 4)
            }
        }
    }
}
