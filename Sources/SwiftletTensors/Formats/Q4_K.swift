/// Super-block of 256 weights in 8 groups of 32: `q * groupScale - groupMinimum`, q of 4 bits.
///
/// 144 bytes: scale of scales F16; scale of minimums F16; 12 bytes of 6-bit group scales and minimums (`KScales`); 128 bytes,
/// 32 for each pair of groups: byte l holds weight l of the first in its low and of the second in its high half.
enum Q4_KFormat: Format {
    static let type = ElementType.q4_K

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let minimum = block.half(2)
        for group in 0..<8 {
            let (groupScale, groupMinimum) = KScales.unpack(block + 4, group)
            let s = scale * Float(Int32(groupScale))
            let m = minimum * Float(Int32(groupMinimum))
            let shift = UInt8(group % 2 * 4)
            let codes = block + 16 + group / 2 * 32
            let numbers = output + group * 32
            for l in 0..<32 {
                numbers[l] = s * Float(Int32(codes[l] >> shift & 15)) - m
            }
        }
    }
}

/// The 6-bit scales and minimums of Q4_K's and Q5_K's eight groups, packed into 12 bytes.
enum KScales {
    /// Groups 0 to 3: low 6 bits of bytes g and g + 4. Groups 4 to 7: 4 low bits in byte g + 4 (scale in the low half,
    /// minimum in the high half), 2 high bits on top of bytes g - 4 and g.
    @inline(__always)
    static func unpack(_ packed: UnsafePointer<UInt8>, _ group: Int) -> (scale: UInt8, minimum: UInt8) {
        if group < 4 { return (packed[group] & 63, packed[group + 4] & 63) }
        return (
            packed[group + 4] & 15 | (packed[group - 4] >> 6) << 4,
            packed[group + 4] >> 4 | (packed[group] >> 6) << 4
        )
    }
}
