extension Candidates {
    /// Leaves the candidates whose logit is within n standard deviations of the greatest (Tang et al. 2024,
    /// https://arxiv.org/abs/2411.07641).
    mutating func keep(withinSigmas n: Float) {
        guard n > 0, count > 1 else { return }
        let possible = Double(possibleCount())
        guard possible > 1 else { return }
        let greatest = greatestLogit()
        let mean = Float(
            sum { logits in
                Self.distance(logits, from: greatest).replacing(with: 0, where: logits .== -.infinity)
            } / possible)
        let squares = sum { logits in
            let deviation = Self.distance(logits, from: greatest) - mean
            let counted = deviation.replacing(with: 0, where: logits .== -.infinity)
            return counted * counted
        }
        keep(atLeast: greatest - n * Float((squares / possible).squareRoot()))
    }
}
