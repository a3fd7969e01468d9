/// Super-block of 256 weights in 16 groups of 16: `(q - 4) * groupScale`, q of 3 bits.
///
/// 110 bytes: 32 bytes of high bits (bit m of byte l: weight 32 m + l); 64 bytes of low bits, laid out as in Q2_K; 12 bytes of
/// 6-bit group scales, offset by 32: four low bits of scales 0 to 7 in the low and 8 to 15 in the high halves of the first 8
/// bytes, two high bits of scale g in byte 8 + g % 4 at bit 2 (g / 4); scale of scales F16.
enum Q3_KFormat: BlockEncodableFormat {
    static let type = ElementType.q3_K
    static let halfOffsets = [108]

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

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (codes, scales, scaleCodes) = (scratch.codes, scratch.scales, scratch.scaleCodes)
        var scale: Float = 0
        if let importance {
            let meanSquare = 2 * sumOfSquares(x, 256) / 256
            for group in 0..<16 {
                let numbers = x + group * 16
                importance.advanced(by: group * 16)
                    .fitWeights(numbers, count: 16, meanSquare: meanSquare, into: scratch.weights)
                scratch.groupWeights[group] = (0..<16).reduce(0) { $0 + scratch.weights[$1] }
                scales[group] = SymmetricSearch.fit(
                    numbers, scratch.weights, count: 16, half: 4, codes: codes + group * 16)
            }
            scale = SymmetricSearch.fit(scales, scratch.groupWeights, count: 16, half: 32, codes: scaleCodes)
        } else {
            for group in 0..<16 {
                scales[group] = SymmetricSearch.fitByMoves(
                    x + group * 16, count: 16, half: 4, codes: codes + group * 16)
            }
            let largest = SymmetricSearch.largestMagnitude(scales, 16)
            if largest != 0 {
                let inverse = -32 / largest
                for group in 0..<16 {
                    let code = Int8(truncatingIfNeeded: nearest(inverse * scales[group]))
                    scaleCodes[group] = UInt8(clamp(Int32(code), -32, 31) + 32)
                }
                scale = 1 / inverse
            } else {
                scaleCodes.update(repeating: 0, count: 16)
            }
        }
        scale = block.setHalf(108, scale)
        packScales(scaleCodes, into: block + 96)
        for group in 0..<16 {
            let groupScale = scale * Float(Int32(scaleCodes[group]) - 32)
            if groupScale == 0 { continue }
            for i in group * 16..<group * 16 + 16 {
                codes[i] = UInt8(clamp(nearest(x[i] / groupScale), -4, 3) + 4)
            }
        }
        for l in 0..<32 {
            block[l] = (0..<8).reduce(0) { bits, m in bits | (codes[m * 32 + l] > 3 ? 1 << UInt8(m) : 0) }
        }
        for i in 0..<256 where codes[i] > 3 { codes[i] -= 4 }
        SuperBlock.packTwoBits(codes, into: block + 32)
    }

    private static func packScales(_ codes: UnsafePointer<UInt8>, into packed: UnsafeMutablePointer<UInt8>) {
        for i in 0..<8 { packed[i] = codes[i] & 15 | codes[i + 8] << 4 }
        for i in 0..<4 {
            packed[8 + i] = (0..<4).reduce(0) { bits, j in bits | (codes[i + j * 4] >> 4) << UInt8(2 * j) }
        }
    }
}
