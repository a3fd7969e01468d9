/// Super-block of 256 weights in 16 groups of 16: `q * groupScale - groupMinimum`, q of 2 bits.
///
/// 84 bytes: 16 bytes, a group's 4-bit scale (low half) and 4-bit minimum (high half); 64 bytes of q, two halves of 32 bytes,
/// each for 128 weights: byte l holds weights l, l + 32, l + 64 and l + 96, lowest bits first; scale of scales F16; scale of
/// minimums F16.
enum Q2_KFormat: BlockEncodableFormat {
    static let type = ElementType.q2_K
    static let halfOffsets = [80, 82]

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

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (codes, scales, minimums) = (scratch.codes, scratch.scales, scratch.minimums)
        let (scaleCodes, minimumCodes) = (scratch.scaleCodes, scratch.minimumCodes)
        var (scale, minimum): (Float, Float)
        if let importance {
            let meanSquare = sumOfSquares(x, 256) / 256
            for group in 0..<16 {
                let numbers = x + group * 16
                importance.advanced(by: group * 16)
                    .fitWeights(numbers, count: 16, meanSquare: meanSquare, into: scratch.weights)
                scratch.groupWeights[group] = (0..<16).reduce(0) { $0 + scratch.weights[$1] }
                (scales[group], minimums[group]) = AffineSearch.important(top: 3)
                    .fit(numbers, scratch.weights, count: 16, codes: codes + group * 16, trial: scratch.trial)
            }
            scale = ScaleSearch.fit(scales, scratch.groupWeights, count: 16, top: 15, codes: scaleCodes)
            minimum = ScaleSearch.fit(minimums, scratch.groupWeights, count: 16, top: 15, codes: minimumCodes)
        } else {
            for group in 0..<16 {
                let numbers = x + group * 16
                for l in 0..<16 { scratch.weights[l] = abs(numbers[l]) }
                (scales[group], minimums[group]) = plainSearch.fit(
                    numbers, scratch.weights, count: 16, codes: codes + group * 16, trial: scratch.trial)
            }
            scale = SuperBlock.divide(scales, count: 16, top: 15, limit: 255, codes: scaleCodes)
            minimum = SuperBlock.divide(minimums, count: 16, top: 15, limit: 255, codes: minimumCodes)
        }
        scale = block.setHalf(80, scale)
        minimum = block.setHalf(82, minimum)
        for group in 0..<16 {
            // As the byte has it, even where a code does not fit its half.
            let packed = scaleCodes[group] | minimumCodes[group] << 4
            block[group] = packed
            SuperBlock.refit(
                x + group * 16, scale * Float(packed & 15), minimum * Float(packed >> 4), count: 16, top: 3,
                codes: codes + group * 16)
        }
        SuperBlock.packTwoBits(codes, into: block + 16)
    }

    private static let plainSearch = AffineSearch(top: 3, firstStep: -0.5, step: 0.1, steps: 15, usesMagnitudes: true)
}
