/// What the formats with 32 weights a block share when they are written.
enum LegacyCodes {
    /// C's conversion to a byte with sign on x86-64, at most `top`.
    @inline(__always)
    static func code(_ x: Float, top: Int8) -> UInt8 {
        UInt8(bitPattern: min(top, Int8(truncatingIfNeeded: truncated(x))))
    }

    @inline(__always)
    static func range(_ x: UnsafePointer<Float>) -> (low: Float, high: Float) {
        var (low, high) = (Float.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude)
        for j in 0..<32 {
            if x[j] < low { low = x[j] }
            if x[j] > high { high = x[j] }
        }
        return (low, high)
    }

    /// 16 bytes: the low four bits of code j in the low and of code j + 16 in the high half.
    @inline(__always)
    static func packHalves(_ codes: UnsafePointer<UInt8>, into bytes: UnsafeMutablePointer<UInt8>) {
        for j in 0..<16 { bytes[j] = codes[j] & 15 | codes[j + 16] << 4 }
    }

    /// Bit j: the fifth bit of code j.
    @inline(__always)
    static func fifthBits(_ codes: UnsafePointer<UInt8>) -> UInt32 {
        (0..<32).reduce(0) { bits, j in bits | UInt32(codes[j] >> 4 & 1) << UInt32(j) }
    }
}
