extension Candidates {
    /// The sum of exp(logit - greatest), which is the probability of a candidate's reciprocal weight; 0 without candidates.
    func mass(relativeTo greatest: Float) -> Double {
        sum { Exponential.vector($0 - greatest) }
    }

    /// Replaces each logit by exp(logit - greatest) and returns their sum: the last thing done with the candidates.
    func exponentiate(relativeTo greatest: Float) -> Double {
        var total = 0.0
        var start = 0
        while start < count {
            let end = min(start + 512, count)
            var partial = Vector.zero
            var position = start
            while position < end {
                let weights = Exponential.vector(vector(position) - greatest)
                store(weights, at: position)
                partial += weights
                position += 8
            }
            total += Double(partial.sum())
            start = end
        }
        return total
    }

    /// The sum of a function of the logits, in Float over 512 of them and in Double over all; 0 past the end and where
    /// a logit is minus infinity is the function's task.
    @inline(__always)
    func sum(_ function: (Vector) -> Vector) -> Double {
        var total = 0.0
        var start = 0
        while start < count {
            let end = min(start + 512, count)
            var partial = Vector.zero
            var position = start
            while position < end {
                partial += function(vector(position))
                position += 8
            }
            total += Double(partial.sum())
            start = end
        }
        return total
    }

    /// The expectation of x = logit - greatest under the softmax, the sum of exp(x), and the greatest logit.
    func expectation() -> (ofDistance: Float, total: Double, greatest: Float) {
        let greatest = greatestLogit()
        let total = mass(relativeTo: greatest)
        let weighted = sum { logits in
            let x = Self.distance(logits, from: greatest)
            return Exponential.vector(x) * x
        }
        return (Float(weighted / total), total, greatest)
    }

    /// What is subtracted from the greatest logit can leave Float; this far away nothing has a chance anyway, and its
    /// square and sums stay finite.
    static var leastDistance: Float { -1e15 }

    @inline(__always)
    static func distance(_ logits: Vector, from greatest: Float) -> Vector {
        let distance = logits - greatest
        return distance.replacing(with: leastDistance, where: distance .< leastDistance)
    }

    /// How many candidates are possible.
    func possibleCount() -> Int {
        if isSorted { return count }
        var total = 0
        var position = 0
        while position < count {
            let one = SIMD8<Int32>(repeating: 1)
            total += Int(SIMD8<Int32>.zero.replacing(with: one, where: vector(position) .> -.infinity).wrappedSum())
            position += 8
        }
        return total
    }

    /// Draws a candidate by weight, where `exponentiate` has put the weights: the first whose running sum exceeds
    /// `uniform * total`, for a uniform number in 0..<1.
    func draw(_ uniform: Double, total: Double) -> Int {
        let target = uniform * total
        var running = 0.0
        var lastPossible = 0
        for position in 0..<count where logits[position] > 0 {
            running += Double(logits[position])
            lastPossible = position
            if running > target { break }
        }
        // Only rounding can leave the target unreached; then the last one that is possible is as right.
        return lastPossible
    }
}
