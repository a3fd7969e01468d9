/// What the K formats share when they are written.
enum SuperBlock {
    /// Codes for scales (or minimums) that are not negative: the largest gets `top`, the others their share of it. A negative
    /// scale, which a fit may give, gets `limit` if its byte is larger.
    @inline(__always)
    static func divide(
        _ x: UnsafePointer<Float>, count: Int, top: Int32, limit: UInt8, codes: UnsafeMutablePointer<UInt8>
    ) -> Float {
        var largest: Float = 0
        for i in 0..<count where x[i] > largest { largest = x[i] }
        let inverse = largest > 0 ? Float(top) / largest : 0
        for i in 0..<count {
            codes[i] = min(UInt8(truncatingIfNeeded: nearest(inverse * x[i])), limit)
        }
        return largest / Float(top)
    }

    /// The codes that are nearest under the group's scale and minimum as they were written; a scale of zero leaves those of
    /// the group's own fit.
    @inline(__always)
    static func refit(
        _ x: UnsafePointer<Float>, _ scale: Float, _ minimum: Float, count: Int, top: Int32,
        codes: UnsafeMutablePointer<UInt8>
    ) {
        if scale == 0 { return }
        for i in 0..<count { codes[i] = UInt8(clamp(nearest((x[i] + minimum) / scale), 0, top)) }
    }

    /// 64 bytes, 32 for each half of 128: byte l holds codes l, l + 32, l + 64 and l + 96, lowest bits first.
    @inline(__always)
    static func packTwoBits(_ codes: UnsafePointer<UInt8>, into bytes: UnsafeMutablePointer<UInt8>) {
        for half in 0..<2 {
            let part = codes + half * 128
            for l in 0..<32 {
                bytes[half * 32 + l] = part[l] | part[l + 32] << 2 | part[l + 64] << 4 | part[l + 96] << 6
            }
        }
    }

    /// 128 bytes, 32 for each pair of groups of 32: byte l holds the first's code l in its low and the second's in its high half.
    @inline(__always)
    static func packHalves(_ codes: UnsafePointer<UInt8>, into bytes: UnsafeMutablePointer<UInt8>) {
        for pair in 0..<4 {
            let part = codes + pair * 64
            for l in 0..<32 { bytes[pair * 32 + l] = part[l] & 15 | part[l + 32] << 4 }
        }
    }
}
