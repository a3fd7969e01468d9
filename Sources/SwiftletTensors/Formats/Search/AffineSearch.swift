/// Fits `x ~ scale * code - minimum`, minimum >= 0: codes from several guesses of the scale, for each the best line through
/// them, the one with the smallest error kept (ggml-quants.c, `make_qkx2_quants` and `make_qkx3_quants`).
struct AffineSearch {
    /// The largest code.
    var top: Int32
    /// The guesses are `(firstStep + step * n + top) / (max - min)`, n from 0 to `steps`.
    var firstStep: Float
    var step: Float
    var steps: Int
    /// Whether errors count by magnitude instead of by square.
    var usesMagnitudes = false

    /// With importance, every format searches the same way.
    @inline(__always)
    static func important(top: Int32) -> AffineSearch { AffineSearch(top: top, firstStep: -0.9, step: 0.05, steps: 36) }

    @inline(__always)
    func fit(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, count: Int, codes: UnsafeMutablePointer<UInt8>,
        trial: UnsafeMutablePointer<UInt8>
    ) -> (scale: Float, minimum: Float) {
        var (low, high) = (x[0], x[0])
        var sumW = weights[0]
        var sumX = sumW * x[0]
        for i in 1..<count {
            if x[i] < low { low = x[i] }
            if x[i] > high { high = x[i] }
            sumW += weights[i]
            sumX += weights[i] * x[i]
        }
        if low > 0 { low = 0 }
        if high == low {
            codes.update(repeating: 0, count: count)
            return (0, -low)
        }
        @inline(__always) func code(_ inverse: Float, _ i: Int) -> Int32 {
            clamp(nearest(inverse * (x[i] - low)), 0, top)
        }
        @inline(__always) func error(_ codes: UnsafePointer<UInt8>, _ scale: Float, _ minimum: Float) -> Float {
            var sum: Float = 0
            for i in 0..<count {
                let difference = scale * Float(codes[i]) + minimum - x[i]
                sum += weights[i] * (usesMagnitudes ? abs(difference) : difference * difference)
            }
            return sum
        }
        let inverse = Float(top) / (high - low)
        var scale = 1 / inverse
        for i in 0..<count { codes[i] = UInt8(truncatingIfNeeded: code(inverse, i)) }
        var best = error(codes, scale, low)
        for n in 0...steps {
            // From the minimum that is best so far.
            let inverse = (firstStep + step * Float(n) + Float(top)) / (high - low)
            var (sumL, sumL2, sumXL): (Float, Float, Float) = (0, 0, 0)
            for i in 0..<count {
                let whole = code(inverse, i)
                trial[i] = UInt8(truncatingIfNeeded: whole)
                let l = Float(whole)
                let wl = weights[i] * l
                sumL += wl
                sumL2 += wl * l
                sumXL += wl * x[i]
            }
            let determinant = sumW * sumL2 - sumL * sumL
            guard determinant > 0 else { continue }
            var trialScale = (sumW * sumXL - sumX * sumL) / determinant
            var trialLow = (sumL2 * sumX - sumL * sumXL) / determinant
            if trialLow > 0 {
                trialLow = 0
                trialScale = sumXL / sumL2
            }
            let trialError = error(trial, trialScale, trialLow)
            if trialError < best {
                codes.update(from: trial, count: count)
                (best, scale, low) = (trialError, trialScale, trialLow)
            }
        }
        return (scale, -low)
    }
}
