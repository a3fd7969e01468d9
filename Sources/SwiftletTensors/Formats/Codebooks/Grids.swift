/// The grids of the IQ formats, expanded to a byte a coordinate, lowest first; and how a point is written out.
enum Grids {
    static let iq2_XXS = Codebook(expand(IQ2_XXSFormat.gridCodes, coordinates: 8, levels: [8, 25, 43]))
    static let iq2_XS = Codebook(expand(IQ2_XSFormat.gridCodes, coordinates: 8, levels: [8, 25, 43]))
    static let iq2_S = Codebook(expand(IQ2_SFormat.gridCodes, coordinates: 8, levels: [8, 25, 43]))
    static let iq1_S = Codebook(expand(IQ1_SFormat.gridCodes, coordinates: 8, levels: [0xFF, 0, 1]))
    static let iq3_XXS = Codebook(
        expand(IQ3_XXSFormat.gridCodes, coordinates: 4, levels: [4, 12, 20, 28, 36, 44, 52, 62])
            .map(UInt32.init(truncatingIfNeeded:)))
    static let iq3_S = Codebook(
        expand(IQ3_SFormat.gridCodes, coordinates: 4, levels: [1, 3, 5, 7, 9, 11, 13, 15])
            .map(UInt32.init(truncatingIfNeeded:)))

    /// Seven sign bits, completed by the eighth that makes the number of set bits even.
    static let evenSigns = Codebook((0..<128).map { UInt8($0 | ($0.nonzeroBitCount & 1) << 7) })

    /// Writes eight weights: a grid point's coordinates times the scale, negative where the sign bit is set.
    @inline(__always)
    static func write(_ point: UInt64, _ signs: UInt8, _ scale: Float, _ output: UnsafeMutablePointer<Float>) {
        for j in 0..<8 {
            let magnitude = scale * Float(Int32(truncatingIfNeeded: point >> UInt64(8 * j) & 255))
            // Without a branch: signs are as good as random.
            output[j] = Float(bitPattern: magnitude.bitPattern ^ UInt32(signs >> UInt8(j) & 1) << 31)
        }
    }

    /// Writes eight weights: a grid point's coordinates, which have signs, moved and then scaled.
    @inline(__always)
    static func write(
        moved point: UInt64, by move: Float, _ scale: Float, _ output: UnsafeMutablePointer<Float>
    ) {
        for j in 0..<8 {
            let coordinate = Int8(truncatingIfNeeded: point >> UInt64(8 * j))
            output[j] = scale * (Float(Int32(coordinate)) + move)
        }
    }

    private static func expand(_ codes: [UInt16], coordinates: Int, levels: [UInt64]) -> [UInt64] {
        let bits = UInt16(levels.count > 4 ? 3 : 2)
        return codes.map { code in
            (0..<coordinates).reduce(into: UInt64(0)) { point, j in
                let level = Int(code >> (UInt16(j) * bits) & (1 << bits - 1))
                point |= levels[level] << UInt64(8 * j)
            }
        }
    }
}
