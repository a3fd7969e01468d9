/// Super-block of 256 weights in 8 groups of 32: four weights at a time are a point of a grid of 512, with signs.
///
/// 110 bytes: scale F16; 64 bytes of low bits of the grid indices; 8 bytes of ninth bits, lowest first; 32 bytes of signs;
/// 4 bytes of 4-bit group scales, lower half first.
enum IQ3_SFormat: BlockEncodableFormat {
    static let type = ElementType.iq3_S
    static let halfOffsets = [0]

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq3_S.entries
        for group in 0..<8 {
            let bits = block[106 + group / 2] >> UInt8(group % 2 * 4) & 15
            let groupScale = scale * Float(1 &+ 2 &* Int32(bits))
            let high = Int(block[66 + group])
            for l in 0..<4 {
                let indices = block + 2 + group * 8 + l * 2
                let first = Int(indices[0]) | (high >> (2 * l) & 1) << 8
                let second = Int(indices[1]) | (high >> (2 * l + 1) & 1) << 8
                let points = UInt64(grid[first]) | UInt64(grid[second]) << 32
                Grids.write(points, block[74 + group * 4 + l], groupScale, output + group * 32 + l * 8)
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
        let search = GridSearch(grid: Grids.iq3_SIndex, top: 7, steps: 9, step: 0.2, refit: .all)
        var largest: Float = 0
        // The reference moves on in its indices and signs only with groups that are not zero, but in the ninth bits and scales
        // with all: after a group of zeros the numbers of a super-block come out wrong, in its files and so in ours.
        var place = 0
        for group in 0..<8 {
            let numbers = x + group * 32
            if let importance {
                importance.advanced(by: group * 32)
                    .fitWeights(numbers, count: 32, meanSquare: meanSquare, into: weights)
            } else {
                for i in 0..<32 { weights[i] = numbers[i] * numbers[i] }
            }
            for i in 0..<32 { scratch.roots[i] = weights[i].squareRoot() }
            scales[group] = 0
            for k in 0..<4 { scratch.scaleCodes[k] = SignSplit.split(numbers + k * 8, into: magnitudes + k * 8) }
            let most = GridScales.largest(magnitudes, 32)
            guard most != 0 else { continue }
            var scale = search.fit(
                magnitudes, weights, scratch.roots, count: 32, largest: most, first: most / 15, codes: codes,
                trial: scratch.trial)
            var flip: UInt8 = 0
            if scale < 0 {
                scale = -scale
                flip = 0xFF
            }
            for k in 0..<4 { block[74 + place * 4 + k] = scratch.scaleCodes[k] ^ flip }
            for k in 0..<8 {
                let point = search.grid.index(of: search.grid.code(codes + k * 4)) ?? 0
                block[2 + place * 8 + k] = UInt8(truncatingIfNeeded: point)
                block[66 + group] |= UInt8(truncatingIfNeeded: point >> 8) << UInt8(k)
            }
            place += 1
            scales[group] = scale
            largest = larger(largest, scale)
        }
        if largest == 0 { return }
        let scale = largest / 31
        // The last factor makes the whole a little better (the reference's).
        block.setHalf(0, scale * 1.033)
        let inverse = 1 / scale
        for pair in 0..<4 {
            block[106 + pair] =
                GridScales.code(scales[pair * 2], inverse, top: 15)
                | GridScales.code(scales[pair * 2 + 1], inverse, top: 15) << 4
        }
    }
}
