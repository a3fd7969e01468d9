/// Super-block of 256 weights in 8 groups of 32: `levels[q] * groupScale`, with IQ4_NL's sixteen levels.
///
/// 136 bytes: scale of scales F16; group scales of 6 bits, offset by 32: high bits two a group in 16 bits, then low bits four a
/// group in 4 bytes; 128 bytes of q, 16 a group, each laid out as Q4_0.
enum IQ4_XSFormat: BlockEncodableFormat {
    static let type = ElementType.iq4_XS
    static let halfOffsets = [0]

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

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (codes, scales) = (scratch.codes, scratch.scales)
        let meanSquare = sumOfSquares(x, 256) * (2 / 256)
        for group in 0..<8 {
            scales[group] = LevelSearch.fit(
                x + group * 32, importance?.advanced(by: group * 32), meanSquare: meanSquare, scratch.weights)
        }
        let scale = -SymmetricSearch.largestMagnitude(scales, 8) / 32
        block.setHalf(0, scale)
        let inverse = scale != 0 ? 1 / scale : 0
        var high: UInt16 = 0
        for group in 0..<8 {
            let scaleCode = clamp(nearest(inverse * scales[group]), -32, 31)
            // The scale that codes are for is not rounded to half precision.
            let groupScale = scale * Float(scaleCode)
            let groupInverse = groupScale != 0 ? 1 / groupScale : 0
            for j in group * 32..<group * 32 + 32 { codes[j] = LevelSearch.code(groupInverse * x[j]) }
            LegacyCodes.packHalves(codes + group * 32, into: block + 8 + group * 16)
            scratch.scaleCodes[group] = UInt8(scaleCode + 32)
            high |= UInt16(scratch.scaleCodes[group] >> 4) << UInt16(2 * group)
        }
        block.set(2, high)
        for pair in 0..<4 {
            block[4 + pair] = scratch.scaleCodes[pair * 2] & 15 | scratch.scaleCodes[pair * 2 + 1] << 4
        }
    }
}
