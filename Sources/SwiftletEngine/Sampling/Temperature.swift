import Foundation

extension Candidates {
    /// Divides the logits by the temperature; 0 or less leaves the first greatest.
    mutating func scale(temperature: Float) {
        guard count > 0 else { return }
        if temperature <= 0 {
            if let best = firstGreatest() { keepOnly(best) }
            return
        }
        guard temperature != 1 else { return }
        let greatest = greatestLogit()
        guard greatest > -.infinity else { return }
        // Where the quotient would leave Float, the logits are taken relative to the greatest, which then stays possible.
        let shift = abs(greatest / temperature) < 1e30 ? 0 : greatest
        var position = 0
        while position < count {
            store((vector(position) - shift) / temperature, at: position)
            position += 8
        }
    }

    /// Temperature between `base - range` and `base + range`, growing with the candidates' entropy
    /// (https://github.com/ggml-org/llama.cpp/pull/4972).
    ///
    /// With x = logit - greatest and Z = sum of exp(x), entropy = log Z - E[x]; its greatest value is log(candidates).
    mutating func scale(temperature base: Float, range: Float, exponent: Float) {
        let possible = possibleCount()
        guard possible > 1 else { return }
        let (expected, total, _) = expectation()
        let normalized = max(0, min(1, (log(total) - Double(expected)) / log(Double(possible))))
        let (low, high) = (Double(max(0, base - range)), Double(base + range))
        scale(temperature: Float(low + (high - low) * pow(normalized, Double(exponent))))
    }
}
