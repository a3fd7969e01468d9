/// Super-block of 256 weights in 16 groups of 16: `(q - 32) * groupScale`, q of 6 bits.
///
/// 210 bytes: 128 bytes of low bits, 64 for each half of 128 weights: byte l (of 64) holds weight l in its low and l + 64 in
/// its high half; 64 bytes of two high bits, 32 for each half: byte l holds weights l, l + 32, l + 64 and l + 96, lowest bits
/// first; 16 group scales of 8 bits with sign; scale of scales F16.
enum Q6_KFormat: BlockEncodableFormat {
    static let type = ElementType.q6_K
    static let halfOffsets = [208]

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

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (codes, scales) = (scratch.codes, scratch.scales)
        for group in 0..<16 {
            // The importance itself is the weight here.
            let weights = importance.map { $0.weights + group * 16 }
            scales[group] = SymmetricSearch.fit(x + group * 16, weights, count: 16, half: 32, codes: codes + group * 16)
        }
        let largest = SymmetricSearch.largestMagnitude(scales, 16)
        if abs(largest) < SymmetricSearch.negligible {
            block.update(repeating: 0, count: type.blockBytes)
            return
        }
        let inverse = -128 / largest
        let scale = block.setHalf(208, 1 / inverse)
        for group in 0..<16 {
            let scaleCode = Int8(truncatingIfNeeded: min(127, nearest(inverse * scales[group])))
            block[192 + group] = UInt8(bitPattern: scaleCode)
            let groupScale = scale * Float(scaleCode)
            if groupScale == 0 { continue }
            for i in group * 16..<group * 16 + 16 {
                codes[i] = UInt8(clamp(nearest(x[i] / groupScale), -32, 31) + 32)
            }
        }
        for half in 0..<2 {
            let (numbers, low) = (codes + half * 128, block + half * 64)
            for l in 0..<64 { low[l] = numbers[l] & 15 | numbers[l + 64] << 4 }
            for l in 0..<32 {
                block[128 + half * 32 + l] = (0..<4).reduce(0) { bits, part in
                    bits | (numbers[part * 32 + l] >> 4) << UInt8(2 * part)
                }
            }
        }
    }
}
