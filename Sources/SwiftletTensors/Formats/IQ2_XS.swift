/// Super-block of 256 weights: eight at a time are a point of a grid of 512, with signs; a scale for each 16.
///
/// 74 bytes: scale F16; 32 times 16 bits: grid index of 9 bits, 7 bits of signs (the eighth makes the number of minuses even);
/// 8 bytes of 4-bit scales, lower half first.
enum IQ2_XSFormat: BlockEncodableFormat {
    static let type = ElementType.iq2_XS
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq2_XS.entries
        let evenSigns = Grids.evenSigns.entries
        for l in 0..<32 {
            let bits = block[66 + l / 4] >> UInt8(l % 4 / 2 * 4) & 15
            let groupScale = scale * (0.5 + Float(Int32(bits))) * 0.25
            let packed = block.uint16(2 + l * 2)
            Grids.write(grid[Int(packed & 511)], evenSigns[Int(packed >> 9)], groupScale, output + l * 8)
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
        let search = GridSearch(grid: Grids.iq2_XSIndex, top: 2, steps: 9, step: 0.1, refit: .points)
        var largest: Float = 0
        for group in 0..<16 {
            let numbers = x + group * 16
            importance?.advanced(by: group * 16)
                .fitWeights(numbers, count: 16, meanSquare: meanSquare, into: weights)
            for i in 0..<16 { scratch.roots[i] = weights[i].squareRoot() }
            var signs: (UInt8, UInt8)
            signs.0 = SignSplit.splitEvenly(numbers, weights, into: magnitudes)
            signs.1 = SignSplit.splitEvenly(numbers + 8, weights + 8, into: magnitudes + 8)
            scales[group] = 0
            let most = GridScales.largest(magnitudes, 16)
            guard most >= SymmetricSearch.negligible else { continue }
            var scale = search.fit(
                magnitudes, weights, scratch.roots, count: 16, largest: most, first: most / 5, codes: codes,
                trial: scratch.trial)
            if scale < 0 {
                scale = -scale
                signs = (~signs.0 & 127, ~signs.1 & 127)
            }
            for k in 0..<2 {
                let point = search.grid.index(of: search.grid.code(codes + k * 8)) ?? 0
                let packed = UInt16(truncatingIfNeeded: point) | UInt16(k == 0 ? signs.0 : signs.1) << 9
                block.set(2 + group * 4 + k * 2, packed)
            }
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
        for pair in 0..<8 {
            block[66 + pair] =
                GridScales.code(scales[pair * 2], inverse, top: 15)
                | GridScales.code(scales[pair * 2 + 1], inverse, top: 15) << 4
        }
    }
}
