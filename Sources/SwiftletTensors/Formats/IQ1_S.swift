/// Super-block of 256 weights in 8 groups of 32: eight weights at a time are a point of a ternary grid of 2048, moved up or down
/// by 1/8.
///
/// 50 bytes: scale F16; 32 bytes of low bits of the grid indices; for each group 16 bits: four times 3 high bits of indices, a
/// group scale of 3 bits, and the sign of the move.
enum IQ1_SFormat: BlockEncodableFormat {
    static let type = ElementType.iq1_S
    static let halfOffsets = [0]

    /// ggml-common.h, `IQ1S_DELTA`.
    static let move: Float = 0.125

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = block.half(0)
        let grid = Grids.iq1_S.entries
        for group in 0..<8 {
            let packed = block.uint16(34 + group * 2)
            let groupScale = scale * Float(2 &* Int32(packed >> 12 & 7) &+ 1)
            let shift = packed & 0x8000 == 0 ? move : -move
            for l in 0..<4 {
                let index = Int(block[2 + group * 4 + l]) | Int(packed >> UInt16(3 * l) & 7) << 8
                Grids.write(moved: grid[index], by: shift, groupScale, output + group * 32 + l * 8)
            }
        }
    }

    static let requiresImportance = true

    static func encodeBlock(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, _ scratch: borrowing EncoderScratch,
        _ block: UnsafeMutablePointer<UInt8>
    ) {
        let (codes, weights, scales) = (scratch.codes, scratch.weights, scratch.scales)
        block.update(repeating: 0, count: type.blockBytes)
        let meanSquare = 2 * sumOfSquares(x, 256) / 256
        var largest: Float = 0
        for group in 0..<8 {
            let numbers = x + group * 32
            importance?.advanced(by: group * 32)
                .fitWeights(numbers, count: 32, meanSquare: meanSquare, into: weights)
            scales[group] = 0
            scratch.scaleCodes[group] = 0
            guard abs(SymmetricSearch.largestMagnitude(numbers, 32)) >= 1e-12 else { continue }
            guard var split = bestSplit(numbers, weights, scratch) else { continue }
            TernarySearch.split(
                scratch.trial, count: 32, first: split.first, second: split.second, isMirrored: split.scale < 0,
                into: codes)
            if split.scale < 0 {
                split.scale = -split.scale
                split.isUp.toggle()
            }
            let values = (split.isUp ? TernarySearch.up : TernarySearch.down).entries
            var isMoved = false
            var sums: (xq: Float, q2: Float) = (0, 0)
            for k in stride(from: 0, to: 32, by: 8) {
                let moves = TernarySearch.snap(codes + k, numbers + k, weights + k, split.scale, values)
                isMoved = isMoved || moves
                TernarySearch.add(codes + k, numbers + k, weights + k, values, factor: 1, to: &sums)
            }
            if isMoved && sums.xq > 0 && sums.q2 > 0 { split.scale = sums.xq / sums.q2 }
            var high: UInt16 = 0
            for k in 0..<4 {
                let index = TernarySearch.index(codes + k * 8)
                block[2 + group * 4 + k] = UInt8(truncatingIfNeeded: index)
                high |= UInt16(truncatingIfNeeded: index >> 8) << UInt16(3 * k)
            }
            block.set(34 + group * 2, high)
            scales[group] = split.scale
            scratch.scaleCodes[group] = split.isUp ? 0 : 8
            largest = larger(largest, split.scale)
        }
        if largest == 0 { return }
        let scale = largest / 15
        // The last factor makes the whole a little better (the reference's).
        block.setHalf(0, scale * 1.125)
        let inverse = 1 / scale
        for group in 0..<8 {
            let code = GridScales.code(scales[group], inverse, top: 7) | scratch.scaleCodes[group]
            block[34 + group * 2 + 1] |= code << 4
        }
    }

    /// The exact solution without a grid: sorted, the numbers below `first` become -1, those from `second` on 1. Leaves the
    /// order in `scratch.trial`.
    @inline(__always)
    private static func bestSplit(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ scratch: borrowing EncoderScratch
    ) -> (first: Int, second: Int, scale: Float, isUp: Bool)? {
        let order = scratch.trial
        TernarySearch.sort(x, count: 32, into: order)
        // Sums of the numbers before each place.
        let (sumX, sumW) = (scratch.magnitudes, scratch.roots)
        (sumX[0], sumW[0]) = (0, 0)
        for j in 0..<32 {
            let i = Int(order[j])
            sumX[j + 1] = sumX[j] + weights[i] * x[i]
            sumW[j + 1] = sumW[j] + weights[i]
        }
        var best = -Float.greatestFiniteMagnitude
        var split: (first: Int, second: Int, scale: Float, isUp: Bool)?
        let (up, down) = (TernarySearch.up.entries, TernarySearch.down.entries)
        for first in 0...32 {
            for second in first...32 {
                for (values, isUp) in [(up, true), (down, false)] {
                    let xq =
                        (sumX[first] - sumX[0]) * values[0] + (sumX[second] - sumX[first]) * values[1]
                        + (sumX[32] - sumX[second]) * values[2]
                    let q2 =
                        (sumW[first] - sumW[0]) * values[0] * values[0]
                        + (sumW[second] - sumW[first]) * values[1] * values[1]
                        + (sumW[32] - sumW[second]) * values[2] * values[2]
                    if q2 > 0 && xq * xq > best * q2 {
                        let scale = xq / q2
                        best = scale * xq
                        split = (first, second, scale, isUp)
                    }
                }
            }
        }
        return split
    }
}
