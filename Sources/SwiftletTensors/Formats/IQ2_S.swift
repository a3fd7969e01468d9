/// Super-block of 256 weights: eight at a time are a point of a grid of 1024, with signs; a scale for each 16.
///
/// 82 bytes: scale F16; 32 bytes of low bits of the grid indices; 32 bytes of signs; 8 bytes of two high bits an index, lowest
/// first; 8 bytes of 4-bit scales, lower half first.
enum IQ2_SFormat: BlockEncodableFormat {
    static let type = ElementType.iq2_S
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq2_S.entries
        for l in 0..<32 {
            let bits = block[74 + l / 4] >> UInt8(l % 4 / 2 * 4) & 15
            let groupScale = scale * (0.5 + Float(Int32(bits))) * 0.25
            let high = block[66 + l / 4] >> UInt8(l % 4 * 2) & 3
            let index = Int(block[2 + l]) | Int(high) << 8
            Grids.write(grid[index], block[34 + l], groupScale, output + l * 8)
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (codes, weights, magnitudes, scales) = (scratch.codes, scratch.weights, scratch.magnitudes, scratch.scales)
        block.update(repeating: 0, count: type.blockBytes)
        let meanSquare = 2 * sumOfSquares(x, 256) / 256
        let search = GridSearch(grid: Grids.iq2_SIndex, top: 2, steps: 9, step: 0.1, refit: .points)
        var largest: Float = 0
        for group in 0..<16 {
            let numbers = x + group * 16
            if let importance {
                importance.advanced(by: group * 16)
                    .fitWeights(numbers, count: 16, meanSquare: meanSquare, into: weights)
            } else {
                for i in 0..<16 { weights[i] = 0.25 * meanSquare + numbers[i] * numbers[i] }
            }
            for i in 0..<16 { scratch.roots[i] = weights[i].squareRoot() }
            var signs: (UInt8, UInt8)
            signs.0 = SignSplit.split(numbers, into: magnitudes)
            signs.1 = SignSplit.split(numbers + 8, into: magnitudes + 8)
            scales[group] = 0
            let most = GridScales.largest(magnitudes, 16)
            guard most >= negligible else { continue }
            var scale = search.fit(
                magnitudes, weights, scratch.roots, count: 16, largest: most, first: most / 5, codes: codes,
                trial: scratch.trial)
            if scale < 0 {
                scale = -scale
                signs = (~signs.0, ~signs.1)
            }
            for k in 0..<2 {
                let point = search.grid.index(of: search.grid.code(codes + k * 8)) ?? 0
                let l = group * 2 + k
                block[2 + l] = UInt8(truncatingIfNeeded: point)
                block[66 + l / 4] |= UInt8(truncatingIfNeeded: point >> 8) << UInt8(l % 4 * 2)
                block[34 + l] = k == 0 ? signs.0 : signs.1
            }
            scales[group] = scale
            largest = larger(largest, scale)
        }
        if largest == 0 { return }
        let scale = largest / 31
        // The last factor makes the whole a little better (the reference's).
        block.setHalf(0, scale * 0.9875)
        let inverse = 1 / scale
        for pair in 0..<8 {
            block[74 + pair] =
                GridScales.code(scales[pair * 2], inverse, top: 15)
                | GridScales.code(scales[pair * 2 + 1], inverse, top: 15) << 4
        }
    }

    private static let negligible: Float = 1e-8
}
