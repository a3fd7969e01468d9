/// Super-block of 256 weights in 8 groups of 32: four weights at a time are a point of a grid of 256, with signs.
///
/// 98 bytes: scale F16; 64 grid indices of 8 bits; for each group 32 bits: four times 7 bits of signs for eight weights (the
/// eighth makes the number of minuses even) and a group scale of 4 bits on top.
enum IQ3_XXSFormat: BlockEncodableFormat {
    static let type = ElementType.iq3_XXS
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq3_XXS.entries
        let evenSigns = Grids.evenSigns.entries
        for group in 0..<8 {
            let packed = block.uint32(66 + group * 4)
            let groupScale = scale * (0.5 + Float(packed >> 28)) * 0.5
            for l in 0..<4 {
                let signs = evenSigns[Int(packed >> UInt32(7 * l) & 127)]
                let indices = block + 2 + group * 8 + l * 2
                let points = UInt64(grid[Int(indices[0])]) | UInt64(grid[Int(indices[1])]) << 32
                Grids.write(points, signs, groupScale, output + group * 32 + l * 8)
            }
        }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (codes, weights, magnitudes, scales) = (scratch.codes, scratch.weights, scratch.magnitudes, scratch.scales)
        block.update(repeating: 0, count: type.blockBytes)
        let meanSquare = 2 * sumOfSquares(x, 256) / 256
        let search = GridSearch(grid: Grids.iq3_XXSIndex, top: 7, steps: 15, step: 0.2, refit: .points)
        var largest: Float = 0
        for group in 0..<8 {
            let numbers = x + group * 32
            if let importance {
                importance.advanced(by: group * 32)
                    .fitWeights(numbers, count: 32, meanSquare: meanSquare, into: weights)
            } else {
                for i in 0..<32 { weights[i] = numbers[i] * numbers[i] }
            }
            for i in 0..<32 { scratch.roots[i] = weights[i].squareRoot() }
            var packed: UInt32 = 0
            for k in 0..<4 {
                let signs = SignSplit.splitEvenly(numbers + k * 8, weights + k * 8, into: magnitudes + k * 8)
                packed |= UInt32(signs) << UInt32(7 * k)
            }
            scales[group] = 0
            let most = GridScales.largest(magnitudes, 32)
            guard most >= negligible else { continue }
            var scale = search.fit(
                magnitudes, weights, scratch.roots, count: 32, largest: most, first: most / 15, codes: codes,
                trial: scratch.trial)
            if scale < 0 {
                scale = -scale
                packed = ~packed & 0xFFF_FFFF
            }
            for k in 0..<8 {
                let code = search.grid.code(codes + k * 4)
                block[2 + group * 8 + k] = UInt8(truncatingIfNeeded: search.grid.index(of: code) ?? 0)
            }
            block.set(66 + group * 4, packed)
            scales[group] = scale
            largest = larger(largest, scale)
        }
        if largest == 0 {
            block.update(repeating: 0, count: type.blockBytes)
            return
        }
        let scale = largest / 31
        // The last factor makes the whole a little better (the reference's).
        block.setHalf(0, scale * 1.0125)
        let inverse = 1 / scale
        for group in 0..<8 {
            block[66 + group * 4 + 3] |= GridScales.code(scales[group], inverse, top: 15) << 4
        }
    }

    private static let negligible: Float = 1e-8
}
