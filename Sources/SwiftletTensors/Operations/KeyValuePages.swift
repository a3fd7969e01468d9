/// Memory of a KV cache as the kernels see it: pages of equal size; cell `c` is row `c % positionsPerPage` of page
/// `c / positionsPerPage`. A row holds the heads of one position, `[kvHeads * headSize]`.
package struct KeyValuePages: @unchecked Sendable {
    // Sendable: addresses only; the cache that owns the pages orders the writes.

    /// F32, F16 or Q8_0.
    package var type: ElementType
    package var positionsPerPage: Int
    package var keyPages: [UnsafeMutableRawPointer]
    package var valuePages: [UnsafeMutableRawPointer]
    package var keyRowBytes: Int
    package var valueRowBytes: Int

    package init(
        type: ElementType, positionsPerPage: Int, keyPages: [UnsafeMutableRawPointer],
        valuePages: [UnsafeMutableRawPointer], keyRowBytes: Int, valueRowBytes: Int
    ) {
        precondition(Self.types.contains(type), "a cache of \(type.name)")
        precondition(
            positionsPerPage > 0 && keyPages.count == valuePages.count,
            "\(keyPages.count) and \(valuePages.count) pages of \(positionsPerPage) positions")
        (self.type, self.positionsPerPage) = (type, positionsPerPage)
        (self.keyPages, self.valuePages) = (keyPages, valuePages)
        (self.keyRowBytes, self.valueRowBytes) = (keyRowBytes, valueRowBytes)
    }

    /// The types that a cache may have.
    package static let types: [ElementType] = [.f32, .f16, .q8_0]

    package var cells: Int { keyPages.count * positionsPerPage }
}

/// Query rows that look at one sequence's pages.
package struct AttentionSegment: Sendable {
    package var pages: KeyValuePages
    /// Rows of the query matrix.
    package var queryRows: Range<Int>
    /// The cells that each row sees, one range a row: the causal order and the sliding window are already in.
    package var ranges: [Range<Int>]

    package init(pages: KeyValuePages, queryRows: Range<Int>, ranges: [Range<Int>]) {
        precondition(queryRows.count == ranges.count, "\(ranges.count) ranges for rows \(queryRows)")
        (self.pages, self.queryRows, self.ranges) = (pages, queryRows, ranges)
    }
}

package struct AttentionParameters: @unchecked Sendable {
    // Sendable: `sinks` points to weights that are never written.

    package var heads: Int
    package var kvHeads: Int
    package var headSize: Int
    package var valueHeadSize: Int
    /// Factor of each dot product.
    package var scale: Float
    /// `cap * tanh(score / cap)`; 0 for none.
    package var softcap: Float
    /// A score for each head that takes part in the softmax and carries no value.
    package var sinks: UnsafePointer<Float>?

    package init(
        heads: Int, kvHeads: Int, headSize: Int, valueHeadSize: Int? = nil, scale: Float, softcap: Float = 0,
        sinks: UnsafePointer<Float>? = nil
    ) {
        precondition(kvHeads > 0 && heads % kvHeads == 0, "\(heads) heads share \(kvHeads) key/value heads")
        (self.heads, self.kvHeads, self.headSize) = (heads, kvHeads, headSize)
        self.valueHeadSize = valueHeadSize ?? headSize
        (self.scale, self.softcap, self.sinks) = (scale, softcap, sinks)
    }
}
