/// Fits magnitudes `x ~ scale * (2 * level + 1)` where the levels of some numbers at a time must be a point of a grid: scales
/// around the one that the largest number suggests, the best kept, and then fitted once more (ggml-quants.c, the inner part of
/// `quantize_row_iq2_*_impl` and `quantize_row_iq3_*_impl`).
struct GridSearch {
    var grid: GridIndex
    /// The largest level.
    var top: Int32
    /// The trials are `(2 * top + 1 + n * step) / largest`, n from -`steps` to `steps`.
    var steps: Int
    var step: Float
    /// Which points the last fit moves, if any was off the grid.
    var refit: Refit

    enum Refit { case points, all, always }

    /// The levels go to `codes`; all have points on the grid. `roots` are the weights' square roots.
    @inline(__always)
    func fit(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ roots: UnsafePointer<Float>, count: Int,
        largest: Float, first: Float, codes: UnsafeMutablePointer<UInt8>, trial: UnsafeMutablePointer<UInt8>
    ) -> Float {
        let width = grid.coordinates
        let points = count / width
        let allPoints: UInt8 = UInt8(truncatingIfNeeded: (1 << points) - 1)
        codes.update(repeating: 0, count: count)
        var scale = first
        var best: Float = 0
        // One bit a point.
        var offGrid: UInt8 = refit == .points ? 0 : allPoints
        for n in -steps...steps {
            let inverse = (Float(2 * top + 1) + Float(n) * step) / largest
            let trialScale = 1 / inverse
            var trialOffGrid: UInt8 = 0
            for k in 0..<points {
                let part = k * width
                round(x + part, inverse, into: trial + part)
                if snap(x + part, roots + part, trialScale, trial + part) { trialOffGrid |= 1 << UInt8(k) }
            }
            let (xq, q2) = sums(x, weights, trial, count)
            if q2 > 0 && xq * xq > best * q2 {
                scale = xq / q2
                best = scale * xq
                codes.update(from: trial, count: count)
                offGrid = trialOffGrid
            }
        }
        if (offGrid != 0 || refit == .always) && scale > 0 {
            let inverse = 1 / scale
            for k in 0..<points where refit != .points || offGrid >> UInt8(k) & 1 != 0 {
                let part = k * width
                round(x + part, inverse, into: codes + part)
                _ = snap(x + part, roots + part, scale, codes + part)
            }
            let (xq, q2) = sums(x, weights, codes, count)
            if q2 > 0 { scale = xq / q2 }
        }
        return scale
    }

    @inline(__always)
    private func round(_ x: UnsafePointer<Float>, _ inverse: Float, into codes: UnsafeMutablePointer<UInt8>) {
        for i in 0..<grid.coordinates {
            codes[i] = UInt8(truncatingIfNeeded: clamp(nearest(0.5 * (inverse * x[i] - 1)), 0, top))
        }
    }

    /// Moves levels that are not on the grid to the candidate with the smallest weighted error; says whether they were not.
    @inline(__always)
    private func snap(
        _ x: UnsafePointer<Float>, _ roots: UnsafePointer<Float>, _ scale: Float, _ codes: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let code = grid.code(codes)
        guard grid.index(of: code) == nil else { return false }
        let candidates = grid.candidates(of: code)
        var (best, point) = (Float.greatestFiniteMagnitude, candidates[0])
        for candidate in candidates {
            var error: Float = 0
            for i in 0..<grid.coordinates {
                let difference = scale * Float(2 * Int32(grid.level(candidate, i)) + 1) - x[i]
                error += roots[i] * difference * difference
            }
            if error < best { (best, point) = (error, candidate) }
        }
        for i in 0..<grid.coordinates { codes[i] = grid.level(point, i) }
        return true
    }

    @inline(__always)
    private func sums(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ codes: UnsafePointer<UInt8>, _ count: Int
    ) -> (xq: Float, q2: Float) {
        var (sumXQ, sumQ2): (Float, Float) = (0, 0)
        for i in 0..<count {
            let q = Float(2 * Int32(codes[i]) + 1)
            sumXQ += weights[i] * x[i] * q
            sumQ2 += weights[i] * q * q
        }
        return (sumXQ, sumQ2)
    }
}

/// Magnitudes and signs of eight numbers at a time.
enum SignSplit {
    /// The signs as bits, lowest first.
    @inline(__always)
    static func split(_ x: UnsafePointer<Float>, into magnitudes: UnsafeMutablePointer<Float>) -> UInt8 {
        var signs: UInt8 = 0
        for i in 0..<8 {
            let isPositive = x[i] >= 0
            magnitudes[i] = isPositive ? x[i] : -x[i]
            if !isPositive { signs |= 1 << UInt8(i) }
        }
        return signs
    }

    /// As `split`, with an even number of minuses: if it is odd, the number that matters least gets the wrong sign, and so a
    /// negative magnitude. The eighth bit, which follows from the others, is left out.
    @inline(__always)
    static func splitEvenly(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, into magnitudes: UnsafeMutablePointer<Float>
    ) -> UInt8 {
        var signs = split(x, into: magnitudes)
        if signs.nonzeroBitCount % 2 != 0 {
            var (least, flipped) = (weights[0] * x[0] * x[0], 0)
            for i in 1..<8 {
                let size = weights[i] * x[i] * x[i]
                if size < least { (least, flipped) = (size, i) }
            }
            magnitudes[flipped] = -magnitudes[flipped]
            signs ^= 1 << UInt8(flipped)
        }
        return signs & 127
    }
}

/// What the IQ formats share at the end of a super-block.
enum GridScales {
    /// The code of a group's scale under `scale * (2 * code + 1)`, given 1 / scale.
    @inline(__always)
    static func code(_ groupScale: Float, _ inverse: Float, top: Int32) -> UInt8 {
        UInt8(clamp(nearest(0.5 * (inverse * groupScale - 1)), 0, top))
    }

    @inline(__always)
    static func largest(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
        var largest = x[0]
        for i in 1..<count { largest = larger(largest, x[i]) }
        return largest
    }
}
