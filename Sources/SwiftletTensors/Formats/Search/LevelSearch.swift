/// Fits `x ~ scale * levels[code]` with IQ4_NL's sixteen levels, by weighted least squares: 15 scales around the one that the
/// largest number suggests, the best kept (ggml-quants.c, `quantize_row_iq4_nl_impl`).
enum LevelSearch {
    /// The scale of 32 numbers. Without importance, a number's square is its weight.
    @inline(__always)
    static func fit(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, meanSquare: Float,
        _ weights: UnsafeMutablePointer<Float>
    ) -> Float {
        if let importance {
            importance.fitWeights(x, count: 32, meanSquare: meanSquare, into: weights)
        } else {
            for j in 0..<32 { weights[j] = x[j] * x[j] }
        }
        let largest = SymmetricSearch.largestMagnitude(x, 32)
        guard abs(largest) >= SymmetricSearch.negligible else { return 0 }
        let levels = IQ4_NLFormat.levels.entries
        @inline(__always) func sums(_ inverse: Float) -> (xq: Float, q2: Float) {
            var (sumXQ, sumQ2): (Float, Float) = (0, 0)
            for j in 0..<32 {
                let q = levels[Int(code(inverse * x[j]))]
                sumXQ += weights[j] * q * x[j]
                sumQ2 += weights[j] * q * q
            }
            return (sumXQ, sumQ2)
        }
        let first = sums(1 / (-largest / levels[0]))
        var scale = first.q2 > 0 ? first.xq / first.q2 : 0
        var best = scale * first.xq
        for step in -7...7 {
            let (xq, q2) = sums((Float(step) + levels[0]) / largest)
            if q2 > 0 && xq * xq > best * q2 {
                scale = xq / q2
                best = scale * xq
            }
        }
        return scale
    }

    /// The nearest level, the upper of two equally near (`best_index_int8`).
    @inline(__always)
    static func code(_ x: Float) -> UInt8 {
        let levels = IQ4_NLFormat.levels.entries
        if x <= levels[0] { return 0 }
        if x >= levels[15] { return 15 }
        var (low, high) = (0, 15)
        while high - low > 1 {
            let middle = (low + high) / 2
            if x < levels[middle] { high = middle } else { low = middle }
        }
        return UInt8(x - levels[high - 1] < levels[high] - x ? high - 1 : high)
    }
}
