/// The nearest grid point under given shifts, for IQ1_S and IQ1_M (ggml-quants.c, `iq1_find_best_neighbour2`).
enum TernarySearch {
    /// The values -1, 0, 1, moved up or down.
    static let up = Codebook([-1 + IQ1_SFormat.move, IQ1_SFormat.move, 1 + IQ1_SFormat.move] as [Float])
    static let down = Codebook([-1 - IQ1_SFormat.move, -IQ1_SFormat.move, 1 - IQ1_SFormat.move] as [Float])

    /// Positions in ascending order of their numbers, equals by position.
    @inline(__always)
    static func sort(_ x: UnsafePointer<Float>, count: Int, into order: UnsafeMutablePointer<UInt8>) {
        for i in 0..<count {
            var place = i
            while place > 0 && x[Int(order[place - 1])] > x[i] {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = UInt8(i)
        }
    }

    /// Moves eight levels 0, 1, 2 to the grid; says whether they were not on it.
    @inline(__always)
    static func snap(
        _ codes: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ scale: Float, _ values: UnsafePointer<Float>
    ) -> Bool {
        let grid = Grids.iq1_SIndex
        let code = grid.code(codes)
        if grid.index(of: code) != nil { return false }
        let candidates = grid.candidates(of: code)
        var (best, point) = (Float.greatestFiniteMagnitude, candidates[0])
        for candidate in candidates {
            var error: Float = 0
            for i in 0..<8 {
                let difference = scale * values[Int(grid.level(candidate, i))] - x[i]
                error += weights[i] * difference * difference
            }
            if error < best { (best, point) = (error, candidate) }
        }
        for i in 0..<8 { codes[i] = grid.level(point, i) }
        return true
    }

    /// Adds eight numbers' part of a least-squares fit, their values multiplied by `factor`.
    @inline(__always)
    static func add(
        _ codes: UnsafePointer<UInt8>, _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ values: UnsafePointer<Float>, factor: Float, to sums: inout (xq: Float, q2: Float)
    ) {
        for i in 0..<8 {
            let q = values[Int(codes[i])] * factor
            sums.xq += weights[i] * q * x[i]
            sums.q2 += weights[i] * q * q
        }
    }

    /// The index of the point that eight levels are.
    @inline(__always)
    static func index(_ codes: UnsafePointer<UInt8>) -> Int {
        Grids.iq1_SIndex.index(of: Grids.iq1_SIndex.code(codes)) ?? 0
    }

    /// The levels of sorted numbers, in their own order; mirrored where the scale is negative.
    @inline(__always)
    static func split(
        _ order: UnsafePointer<UInt8>, count: Int, first: Int, second: Int, isMirrored: Bool,
        into codes: UnsafeMutablePointer<UInt8>
    ) {
        for j in 0..<count {
            let level: UInt8 = j < first ? 0 : j < second ? 1 : 2
            codes[Int(order[j])] = isMirrored ? 2 - level : level
        }
    }
}
