/// Super-block of 256 weights: eight at a time are a point of IQ1_S's ternary grid, moved up or down by 1/8; a scale for each 16.
///
/// 56 bytes: 32 bytes of low bits of the grid indices; 16 bytes, for each two points 3 high bits of the index and the sign of the
/// move, twice; four times 16 bits: four 3-bit scales, and on top 4 bits of the F16 scale of scales, lowest first.
enum IQ1_MFormat: BlockEncodableFormat {
    static let type = ElementType.iq1_M

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = float(half: scaleBits(block))
        let grid = Grids.iq1_S.entries
        for l in 0..<32 {
            let group = l / 2
            let bits = block.uint16(48 + group / 4 * 2) >> UInt16(group % 4 * 3) & 7
            let groupScale = scale * Float(2 &* Int32(bits) &+ 1)
            let high = block[32 + group] >> UInt8(l % 2 * 4)
            let index = Int(block[l]) | Int(high & 7) << 8
            let move = high & 8 == 0 ? IQ1_SFormat.move : -IQ1_SFormat.move
            Grids.write(moved: grid[index], by: move, groupScale, output + l * 8)
        }
    }

    static func firstBrokenBlock(_ blocks: UnsafeRawBufferPointer) -> Int? {
        firstBlock(blocks) { scaleBits($0) & 0x7C00 == 0x7C00 }
    }

    @inline(__always)
    private static func scaleBits(_ block: UnsafePointer<UInt8>) -> UInt16 {
        (0..<4).reduce(0) { bits, part in bits | (block.uint16(48 + part * 2) >> 12) << UInt16(part * 4) }
    }

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (scales, moves) = (scratch.scales, scratch.scaleCodes)
        // Groups that are left out count as the grid's first point.
        scratch.codes.update(repeating: 0, count: 256)
        block.update(repeating: 0, count: type.blockBytes)
        let meanSquare = 2 * sumOfSquares(x, 256) / 256
        var largest: Float = 0
        for group in 0..<16 {
            let place = group * 16
            let (numbers, weights, codes) = (x + place, scratch.weights + place, scratch.codes + place)
            if let importance {
                importance.advanced(by: group * 16)
                    .fitWeights(numbers, count: 16, meanSquare: meanSquare, into: weights)
            } else {
                for i in 0..<16 { weights[i] = numbers[i] * numbers[i] }
            }
            scales[group] = 0
            moves[group] = 0
            guard abs(SymmetricSearch.largestMagnitude(numbers, 16)) >= 1e-7 else { continue }
            guard var split = bestSplit(numbers, weights, scratch) else { continue }
            TernarySearch.split(
                scratch.trial, count: 16, first: split.first, second: split.second, isMirrored: split.scale < 0,
                into: codes)
            if split.scale < 0 {
                split.scale = -split.scale
                split.moves ^= 3
            }
            var isMoved = false
            var sums: (xq: Float, q2: Float) = (0, 0)
            for k in 0..<2 {
                let (part, values) = (k * 8, values(split.moves, half: k))
                let moves = TernarySearch.snap(codes + part, numbers + part, weights + part, split.scale, values)
                isMoved = isMoved || moves
                TernarySearch.add(codes + part, numbers + part, weights + part, values, factor: 1, to: &sums)
                let index = TernarySearch.index(codes + part)
                block[group * 2 + k] = UInt8(truncatingIfNeeded: index)
                block[32 + group] |= UInt8(truncatingIfNeeded: index >> 8) << UInt8(k * 4)
            }
            if isMoved && sums.xq > 0 && sums.q2 > 0 { split.scale = sums.xq / sums.q2 }
            scales[group] = split.scale
            moves[group] = split.moves
            largest = larger(largest, split.scale)
        }
        if largest == 0 { return }
        encodeScales(x, scratch, largest, block)
    }

    /// Rounds the groups' scales, then fits the scale of scales anew.
    @inline(__always)
    private static func encodeScales(
        _ x: UnsafePointer<Float>, _ scratch: borrowing EncoderScratch, _ largest: Float,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        var scale = largest / 15
        let inverse = 1 / scale
        var sums: (xq: Float, q2: Float) = (0, 0)
        var packed: UInt64 = 0
        for group in 0..<16 {
            let code = GridScales.code(scratch.scales[group], inverse, top: 7)
            packed |= UInt64(code) << UInt64(group / 4 * 16 + group % 4 * 3)
            let moves = scratch.scaleCodes[group]
            for k in 0..<2 {
                let place = group * 16 + k * 8
                TernarySearch.add(
                    scratch.codes + place, x + place, scratch.weights + place, values(moves, half: k),
                    factor: Float(2 * Int32(code) + 1), to: &sums)
            }
            block[32 + group] |= (moves & 1) << 7 | (moves >> 1) << 3
        }
        if sums.q2 > 0 { scale = sums.xq / sums.q2 }
        // The last factor makes the whole a little better (the reference's).
        let bits = UInt64(halfBits(scale * 1.1125))
        for part in 0..<4 { packed |= (bits >> UInt64(part * 4) & 15) << UInt64(part * 16 + 12) }
        block.set(48, packed)
    }

    /// The moves of a group's halves as two bits, 1 for down, the first half's above.
    @inline(__always)
    private static func values(_ moves: UInt8, half: Int) -> UnsafePointer<Float> {
        (moves >> UInt8(1 - half) & 1 == 0 ? TernarySearch.up : TernarySearch.down).entries
    }

    /// As IQ1_S's, each half of a group having a move of its own. Leaves the order in `scratch.trial`.
    @inline(__always)
    private static func bestSplit(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ scratch: borrowing EncoderScratch
    ) -> (first: Int, second: Int, scale: Float, moves: UInt8)? {
        let order = scratch.trial
        TernarySearch.sort(x, count: 16, into: order)
        // Sums of the numbers before each place, for each half of the group.
        let sumX = (scratch.magnitudes, scratch.magnitudes + 17)
        let sumW = (scratch.roots, scratch.roots + 17)
        (sumX.0[0], sumX.1[0], sumW.0[0], sumW.1[0]) = (0, 0, 0, 0)
        for j in 0..<16 {
            let i = Int(order[j])
            let (x, w) = (weights[i] * x[i], weights[i])
            sumX.0[j + 1] = i < 8 ? sumX.0[j] + x : sumX.0[j]
            sumX.1[j + 1] = i < 8 ? sumX.1[j] : sumX.1[j] + x
            sumW.0[j + 1] = i < 8 ? sumW.0[j] + w : sumW.0[j]
            sumW.1[j + 1] = i < 8 ? sumW.1[j] : sumW.1[j] + w
        }
        @inline(__always)
        func parts(_ sumX: UnsafePointer<Float>, _ sumW: UnsafePointer<Float>, _ first: Int, _ second: Int) -> (
            xqUp: Float, xqDown: Float, q2Up: Float, q2Down: Float
        ) {
            // Three sums collapse into one: the values are 1 apart.
            let between = sumX[first] + sumX[second]
            return (
                sumX[16] * up.2 - between, sumX[16] * down.2 - between,
                sumW[16] * up.2 * up.2 + sumW[first] * (up.0 * up.0 - up.1 * up.1)
                    + sumW[second] * (up.1 * up.1 - up.2 * up.2),
                sumW[16] * down.2 * down.2 + sumW[first] * (down.0 * down.0 - down.1 * down.1)
                    + sumW[second] * (down.1 * down.1 - down.2 * down.2)
            )
        }
        var best = -Float.greatestFiniteMagnitude
        var split: (first: Int, second: Int, scale: Float, moves: UInt8)?
        for first in 0...16 {
            for second in first...16 {
                let (low, high) = (parts(sumX.0, sumW.0, first, second), parts(sumX.1, sumW.1, first, second))
                for moves in UInt8(0)..<4 {
                    let xq = (moves < 2 ? low.xqUp : low.xqDown) + (moves & 1 == 0 ? high.xqUp : high.xqDown)
                    let q2 = (moves < 2 ? low.q2Up : low.q2Down) + (moves & 1 == 0 ? high.q2Up : high.q2Down)
                    if q2 > 0 && xq * xq > best * q2 {
                        let scale = xq / q2
                        best = scale * xq
                        split = (first, second, scale, moves)
                    }
                }
            }
        }
        return split
    }

    private static let (up, down): ((Float, Float, Float), (Float, Float, Float)) =
        (
            (-1 + IQ1_SFormat.move, IQ1_SFormat.move, 1 + IQ1_SFormat.move),
            (-1 - IQ1_SFormat.move, -IQ1_SFormat.move, 1 - IQ1_SFormat.move)
        )
}
