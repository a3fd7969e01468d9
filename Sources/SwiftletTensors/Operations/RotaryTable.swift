/// Rotary position embedding (Su et al., 2021) of one kind of layer: which pairs turn, and how fast.
package struct RotaryTable: Sendable, Equatable {
    package enum Style: Sendable {
        /// Pairs (2i, 2i + 1).
        case interleaved
        /// Pairs (i, i + dimensions / 2), as in GPT-NeoX.
        case halves
    }

    package var style: Style
    /// Elements that turn, from each head's start.
    package var dimensions: Int
    /// Radians a position for each pair, with all scaling already in.
    package var inverseFrequencies: [Double]
    /// Factor of cosines and sines (YaRN's attention factor).
    package var magnitude: Float

    package init(style: Style, dimensions: Int, inverseFrequencies: [Double], magnitude: Float = 1) {
        precondition(
            dimensions % 2 == 0 && inverseFrequencies.count == dimensions / 2,
            "\(inverseFrequencies.count) frequencies for \(dimensions) dimensions")
        (self.style, self.dimensions) = (style, dimensions)
        (self.inverseFrequencies, self.magnitude) = (inverseFrequencies, magnitude)
    }
}
