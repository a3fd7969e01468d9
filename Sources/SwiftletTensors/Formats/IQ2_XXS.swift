/// Super-block of 256 weights in 8 groups of 32: eight weights at a time are a point of a grid of 256, with signs.
///
/// 66 bytes: scale F16; for each group four grid indices of 8 bits, then 32 bits: four times 7 bits of signs (the eighth makes
/// the number of minuses even) and a group scale of 4 bits on top.
enum IQ2_XXSFormat: BlockEncodableFormat {
    static let type = ElementType.iq2_XXS
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq2_XXS.entries
        let evenSigns = Grids.evenSigns.entries
        for group in 0..<8 {
            let indices = block + 2 + group * 8
            let packed = indices.uint32(4)
            let groupScale = scale * (0.5 + Float(packed >> 28)) * 0.25
            for l in 0..<4 {
                let signs = evenSigns[Int(packed >> UInt32(7 * l) & 127)]
                Grids.write(grid[Int(indices[l])], signs, groupScale, output + group * 32 + l * 8)
            }
        }
    }

    static let requiresImportance = true

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (codes, weights, magnitudes, scales) = (scratch.codes, scratch.weights, scratch.magnitudes, scratch.scales)
        block.update(repeating: 0, count: type.blockBytes)
        let meanSquare = sumOfSquares(x, 256) / 256
        let search = GridSearch(grid: Grids.iq2_XXSIndex, top: 2, steps: 6, step: 0.1, refit: .always)
        var largest: Float = 0
        for group in 0..<8 {
            let numbers = x + group * 32
            importance?.advanced(by: group * 32)
                .fitWeights(numbers, count: 32, meanSquare: meanSquare, into: weights)
            for i in 0..<32 { scratch.roots[i] = weights[i].squareRoot() }
            var packed: UInt32 = 0
            for k in 0..<4 {
                let signs = SignSplit.splitEvenly(numbers + k * 8, weights + k * 8, into: magnitudes + k * 8)
                packed |= UInt32(signs) << UInt32(7 * k)
            }
            scales[group] = 0
            guard GridScales.largest(magnitudes, 32) >= SymmetricSearch.negligible else { continue }
            let first = ScaleSearch.fit(magnitudes, weights, count: 32, top: 4, codes: codes)
            guard first * 3 > 0 else { continue }
            var scale = search.fit(
                magnitudes, weights, scratch.roots, count: 32, largest: first * 3, first: first, codes: codes,
                trial: scratch.trial)
            if scale < 0 {
                scale = -scale
                packed = ~packed & 0xFFF_FFFF
            }
            for k in 0..<4 {
                let code = search.grid.code(codes + k * 8)
                block[2 + group * 8 + k] = UInt8(truncatingIfNeeded: search.grid.index(of: code) ?? 0)
            }
            block.set(2 + group * 8 + 4, packed)
            scales[group] = scale
            largest = larger(largest, scale)
        }
        if largest == 0 {
            block.update(repeating: 0, count: type.blockBytes)
            return
        }
        let scale = largest / 31
        block.setHalf(0, scale)
        let inverse = 1 / scale
        for group in 0..<8 {
            block[2 + group * 8 + 7] |= GridScales.code(scales[group], inverse, top: 15) << 4
        }
    }
}
