/// Super-block of 256 weights in 8 groups of 32: `q * groupScale - groupMinimum`, q of 5 bits.
///
/// 176 bytes: scale of scales F16; scale of minimums F16; 12 bytes of 6-bit group scales and minimums (`KScales`); 32 bytes of
/// fifth bits (bit g of byte l: weight l of group g); 128 bytes of low bits as in Q4_K.
enum Q5_KFormat: BlockEncodableFormat {
    static let type = ElementType.q5_K
    static let halfOffsets = [0, 2]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let minimum = block.half(2)
        let highBits = block + 16
        for group in 0..<8 {
            let (groupScale, groupMinimum) = KScales.unpack(block + 4, group)
            let s = scale * Float(Int32(groupScale))
            let m = minimum * Float(Int32(groupMinimum))
            let shift = UInt8(group % 2 * 4)
            let codes = block + 48 + group / 2 * 32
            let numbers = output + group * 32
            for l in 0..<32 {
                let code = codes[l] >> shift & 15 | (highBits[l] >> UInt8(group) & 1) << 4
                numbers[l] = s * Float(Int32(code)) - m
            }
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let codes = scratch.codes
        let (scale, minimum) = KScales.fit(x, importance, plain: plainSearch, scratch, into: block)
        for group in 0..<8 {
            let (groupScale, groupMinimum) = KScales.unpack(block + 4, group)
            SuperBlock.refit(
                x + group * 32, scale * Float(groupScale), minimum * Float(groupMinimum), count: 32, top: 31,
                codes: codes + group * 32)
        }
        for l in 0..<32 {
            block[16 + l] = (0..<8).reduce(0) { bits, group in bits | (codes[group * 32 + l] >> 4) << UInt8(group) }
        }
        SuperBlock.packHalves(codes, into: block + 48)
    }

    private static let plainSearch = AffineSearch(top: 31, firstStep: -0.5, step: 0.1, steps: 15)
}
