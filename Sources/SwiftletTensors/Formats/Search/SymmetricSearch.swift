/// Fits `x ~ scale * (code - half)` by weighted least squares: a scale from the largest number and 18 near it, the best one
/// kept (ggml-quants.c, `make_qx_quants`).
enum SymmetricSearch {
    /// Groups whose numbers all stay below are zero.
    static let negligible: Float = 1e-15

    /// Writes codes of 0 ..< 2 `half`; without `weights`, a number's square is its weight. A group of zeros gets codes 0.
    @inline(__always)
    static func fit(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>?, count: Int, half: Int32,
        codes: UnsafeMutablePointer<UInt8>
    ) -> Float {
        let largest = largestMagnitude(x, count)
        guard abs(largest) >= negligible else {
            codes.update(repeating: 0, count: count)
            return 0
        }
        @inline(__always) func code(_ inverse: Float, _ i: Int) -> Int32 {
            clamp(nearest(inverse * x[i]), -half, half - 1)
        }
        @inline(__always) func sums(_ inverse: Float) -> (xl: Float, l2: Float) {
            var (sumXL, sumL2): (Float, Float) = (0, 0)
            for i in 0..<count {
                let l = Float(code(inverse, i))
                let w = weights.map { $0[i] } ?? x[i] * x[i]
                sumXL += w * x[i] * l
                sumL2 += w * l * l
            }
            return (sumXL, sumL2)
        }
        var chosen = -Float(half) / largest
        let first = sums(chosen)
        var scale = first.l2 != 0 ? first.xl / first.l2 : 0
        var best = scale * first.xl
        for step in -9...9 where step != 0 {
            let inverse = -(Float(half) + 0.1 * Float(step)) / largest
            let (xl, l2) = sums(inverse)
            if l2 > 0 && xl * xl > best * l2 {
                chosen = inverse
                scale = xl / l2
                best = scale * xl
            }
        }
        for i in 0..<count { codes[i] = UInt8(truncatingIfNeeded: code(chosen, i) + half) }
        return scale
    }

    /// Fits `x ~ scale * (code - half)` with a number's square as its weight, moving one code at a time to where it is best,
    /// in at most five rounds (ggml-quants.c, `make_q3_quants`).
    @inline(__always)
    static func fitByMoves(
        _ x: UnsafePointer<Float>, count: Int, half: Int32, codes: UnsafeMutablePointer<UInt8>
    ) -> Float {
        let largest = largestMagnitude(x, count)
        guard abs(largest) >= negligible else {
            codes.update(repeating: 0, count: count)
            return 0
        }
        let inverse = -Float(half) / largest
        var (sumXL, sumL2): (Float, Float) = (0, 0)
        for i in 0..<count {
            let code = clamp(nearest(inverse * x[i]), -half, half - 1)
            codes[i] = UInt8(truncatingIfNeeded: code + half)
            let (w, l) = (x[i] * x[i], Float(code))
            sumXL += w * x[i] * l
            sumL2 += w * l * l
        }
        for _ in 0..<5 {
            var hasChanged = false
            for i in 0..<count {
                let w = x[i] * x[i]
                let old = Int32(codes[i]) - half
                var xl = sumXL - w * x[i] * Float(old)
                guard xl > 0 else { continue }
                var l2 = sumL2 - w * Float(old) * Float(old)
                let new = clamp(nearest(x[i] * l2 / xl), -half, half - 1)
                guard new != old else { continue }
                xl += w * x[i] * Float(new)
                l2 += w * Float(new) * Float(new)
                guard l2 > 0 && xl * xl * sumL2 > sumXL * sumXL * l2 else { continue }
                codes[i] = UInt8(truncatingIfNeeded: new + half)
                (sumXL, sumL2) = (xl, l2)
                hasChanged = true
            }
            if !hasChanged { break }
        }
        return sumL2 > 0 ? sumXL / sumL2 : 0
    }

    /// The first of the numbers that are largest in magnitude, with its sign.
    @inline(__always)
    static func largestMagnitude(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
        var largest: Float = 0
        for i in 0..<count where abs(x[i]) > abs(largest) { largest = x[i] }
        return largest
    }
}
