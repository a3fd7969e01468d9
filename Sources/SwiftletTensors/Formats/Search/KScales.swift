/// The 6-bit scales and minimums of Q4_K's and Q5_K's eight groups, packed into 12 bytes.
enum KScales {
    /// Groups 0 to 3: low 6 bits of bytes g and g + 4. Groups 4 to 7: 4 low bits in byte g + 4 (scale in the low half,
    /// minimum in the high half), 2 high bits on top of bytes g - 4 and g.
    @inline(__always)
    static func unpack(_ packed: UnsafePointer<UInt8>, _ group: Int) -> (scale: UInt8, minimum: UInt8) {
        if group < 4 { return (packed[group] & 63, packed[group + 4] & 63) }
        return (
            packed[group + 4] & 15 | (packed[group - 4] >> 6) << 4,
            packed[group + 4] >> 4 | (packed[group] >> 6) << 4
        )
    }

    /// The reverse of `unpack` for all groups.
    @inline(__always)
    static func pack(
        _ scales: UnsafePointer<UInt8>, _ minimums: UnsafePointer<UInt8>, into packed: UnsafeMutablePointer<UInt8>
    ) {
        for g in 0..<4 {
            packed[g] = scales[g] | (scales[g + 4] >> 4) << 6
            packed[g + 4] = minimums[g] | (minimums[g + 4] >> 4) << 6
            packed[g + 8] = scales[g + 4] & 15 | minimums[g + 4] << 4
        }
    }

    /// Fits all groups, and their scales and minimums to 6 bits; writes the first 16 bytes of Q4_K's or Q5_K's block. Returns
    /// the scales of scales and of minimums as written; `scratch.codes` are those of the groups' own fits.
    @inline(__always)
    static func fit(
        _ x: UnsafePointer<Float>, _ importance: BlockImportance?, plain: AffineSearch,
        _ scratch: borrowing EncoderScratch, into block: UnsafeMutablePointer<UInt8>
    ) -> (scale: Float, minimum: Float) {
        let (scales, minimums, weights) = (scratch.scales, scratch.minimums, scratch.weights)
        let scale: Float
        let minimum: Float
        if let importance {
            let meanSquare = 2 * sumOfSquares(x, 256) / 256
            for group in 0..<8 {
                let numbers = x + group * 32
                importance.advanced(by: group * 32)
                    .fitWeights(numbers, count: 32, meanSquare: meanSquare, into: weights)
                scratch.groupWeights[group] = (0..<32).reduce(0) { $0 + weights[$1] }
                (scales[group], minimums[group]) = AffineSearch.important(top: plain.top)
                    .fit(numbers, weights, count: 32, codes: scratch.codes + group * 32, trial: scratch.trial)
            }
            scale = ScaleSearch.fit(scales, scratch.groupWeights, count: 8, top: 63, codes: scratch.scaleCodes)
            minimum = ScaleSearch.fit(minimums, scratch.groupWeights, count: 8, top: 63, codes: scratch.minimumCodes)
        } else {
            for group in 0..<8 {
                let numbers = x + group * 32
                let mean = (sumOfSquares(numbers, 32) / 32).squareRoot()
                for l in 0..<32 { weights[l] = mean + abs(numbers[l]) }
                (scales[group], minimums[group]) = plain.fit(
                    numbers, weights, count: 32, codes: scratch.codes + group * 32, trial: scratch.trial)
            }
            scale = SuperBlock.divide(scales, count: 8, top: 63, limit: 63, codes: scratch.scaleCodes)
            minimum = SuperBlock.divide(minimums, count: 8, top: 63, limit: 63, codes: scratch.minimumCodes)
        }
        pack(scratch.scaleCodes, scratch.minimumCodes, into: block + 4)
        return (block.setHalf(0, scale), block.setHalf(2, minimum))
    }
}
