/// Super-block of 256 weights in 16 groups of 16: `(q - 32) * groupScale`, q of 6 bits.
///
/// 210 bytes: 128 bytes of low bits, 64 for each half of 128 weights: byte l (of 64) holds weight l in its low and l + 64 in
/// its high half; 64 bytes of two high bits, 32 for each half: byte l holds weights l, l + 32, l + 64 and l + 96, lowest bits
/// first; 16 group scales of 8 bits with sign; scale of scales F16.
enum Q6_KFormat: Format {
    static let type = ElementType.q6_K

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(208)
        for group in 0..<16 {
            let groupScale = scale * Float(Int32(block.int8(192 + group)))
            let (half, inHalf) = (group / 8, group % 8)
            let low = block + half * 64 + inHalf % 4 * 16
            let lowShift = UInt8(inHalf / 4 * 4)
            let high = block + 128 + half * 32 + inHalf % 2 * 16
            let highShift = UInt8(inHalf / 2 * 2)
            let numbers = output + group * 16
            for l in 0..<16 {
                let code = low[l] >> lowShift & 15 | (high[l] >> highShift & 3) << 4
                numbers[l] = groupScale * Float(Int32(code) &- 32)
            }
        }
    }
}
