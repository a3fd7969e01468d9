/// Super-block of 256 weights in 8 groups of 32: `q * groupScale - groupMinimum`, q of 4 bits.
///
/// 144 bytes: scale of scales F16; scale of minimums F16; 12 bytes of 6-bit group scales and minimums (`KScales`); 128 bytes,
/// 32 for each pair of groups: byte l holds weight l of the first in its low and of the second in its high half.
enum Q4_KFormat: BlockEncodableFormat {
    static let type = ElementType.q4_K
    static let halfOffsets = [0, 2]

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

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (scale, minimum) = KScales.fit(x, importance, plain: plainSearch, scratch, into: block)
        for group in 0..<8 {
            let (groupScale, groupMinimum) = KScales.unpack(block + 4, group)
            SuperBlock.refit(
                x + group * 32, scale * Float(groupScale), minimum * Float(groupMinimum), count: 32, top: 15,
                codes: scratch.codes + group * 32)
        }
        SuperBlock.packHalves(scratch.codes, into: block + 16)
    }

    private static let plainSearch = AffineSearch(top: 15, firstStep: -1, step: 0.1, steps: 20)
}
