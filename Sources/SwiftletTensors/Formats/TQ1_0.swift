/// 256 ternary weights `(t - 1) * scale`, t of 0, 1 or 2.
///
/// Block of 54 bytes: 48 bytes of five t each; 4 bytes of four t each; scale F16. A byte is the fraction t0/3 + t1/9 + ... in
/// units of 1/256, rounded up: multiplying by 3 brings the next t above the byte. Bytes 0 to 31 hold weights l, l + 32, ...,
/// l + 128; bytes 32 to 47 weights 160 + l, l + 16, ...; the last four weights 240 + l, l + 4, ...
enum TQ1_0Format: BlockEncodableFormat {
    static let type = ElementType.tq1_0
    static let halfOffsets = [52]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(52)
        decodeBytes(block, count: 32, digits: 5, scale, output)
        decodeBytes(block + 32, count: 16, digits: 5, scale, output + 160)
        decodeBytes(block + 48, count: 4, digits: 4, scale, output + 240)
    }

    @inline(__always)
    private static func decodeBytes(
        _ bytes: UnsafePointer<UInt8>, count: Int, digits: Int, _ scale: Float, _ output: UnsafeMutablePointer<Float>
    ) {
        var power: UInt8 = 1
        for digit in 0..<digits {
            for l in 0..<count {
                let fraction = bytes[l] &* power
                output[digit * count + l] = Float(Int32((UInt16(fraction) &* 3) >> 8) &- 1) * scale
            }
            power = power &* 3
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        var scale: Float = 0
        for j in 0..<256 { scale = max(scale, abs(x[j])) }
        let inverse = scale != 0 ? 1 / scale : 0
        block.setHalf(52, scale)
        encodeBytes(x, inverse, count: 32, digits: 5, block)
        encodeBytes(x + 160, inverse, count: 16, digits: 5, block + 32)
        encodeBytes(x + 240, inverse, count: 4, digits: 4, block + 48)
    }

    @inline(__always)
    private static func encodeBytes(
        _ x: UnsafePointer<Float>, _ inverse: Float, count: Int, digits: Int, _ bytes: UnsafeMutablePointer<UInt8>
    ) {
        for l in 0..<count {
            var number: UInt8 = 0
            for digit in 0..<5 {
                number = number &* 3
                if digit < digits {
                    number = number &+ UInt8(truncatingIfNeeded: roundedAway(x[digit * count + l] * inverse) &+ 1)
                }
            }
            // In units of 1/256 of 3^5, rounded up.
            bytes[l] = UInt8(truncatingIfNeeded: (UInt32(number) * 256 + 242) / 243)
        }
    }
}
