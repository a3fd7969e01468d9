/// Fits `x ~ scale * code` for numbers that are not negative, such as a super-block's scales: eight scales beside the first,
/// then codes move one at a time to where they are best, in at most five rounds (ggml-quants.c, `make_qp_quants`).
enum ScaleSearch {
    @inline(__always)
    static func fit(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, count: Int, top: Int32,
        codes: UnsafeMutablePointer<UInt8>
    ) -> Float {
        var largest: Float = 0
        for i in 0..<count { largest = larger(largest, x[i]) }
        guard largest >= SymmetricSearch.negligible else {
            codes.update(repeating: 0, count: count)
            return 0
        }
        var inverse = Float(top) / largest
        var best: Float = 0
        let first = 1 / inverse
        for i in 0..<count {
            // Not bounded by `top`: the reference does not either.
            let difference = x[i] - first * Float(UInt8(truncatingIfNeeded: nearest(inverse * x[i])))
            best += weights[i] * difference * difference
        }
        for step in -4...4 where step != 0 {
            let guess = (0.1 * Float(step) + Float(top)) / largest
            let scale = 1 / guess
            var error: Float = 0
            for i in 0..<count {
                let difference = x[i] - scale * Float(min(top, nearest(guess * x[i])))
                error += weights[i] * difference * difference
            }
            if error < best { (best, inverse) = (error, guess) }
        }
        var (sumXL, sumL2): (Float, Float) = (0, 0)
        for i in 0..<count {
            let code = min(top, nearest(inverse * x[i]))
            codes[i] = UInt8(truncatingIfNeeded: code)
            sumXL += weights[i] * x[i] * Float(code)
            sumL2 += weights[i] * Float(code) * Float(code)
        }
        for _ in 0..<5 {
            var hasChanged = false
            for i in 0..<count {
                let w = weights[i]
                let old = Int32(codes[i])
                var xl = sumXL - w * x[i] * Float(old)
                var l2 = sumL2 - w * Float(old) * Float(old)
                guard xl > 0 && l2 > 0 else { continue }
                let new = min(top, nearest(x[i] * l2 / xl))
                guard new != old else { continue }
                xl += w * x[i] * Float(new)
                l2 += w * Float(new) * Float(new)
                guard xl * xl * sumL2 > sumXL * sumXL * l2 else { continue }
                codes[i] = UInt8(truncatingIfNeeded: new)
                (sumXL, sumL2) = (xl, l2)
                hasChanged = true
            }
            if !hasChanged { break }
        }
        return sumL2 > 0 ? sumXL / sumL2 : 0
    }
}
