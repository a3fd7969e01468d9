/// Memory of a KV cache as the kernels see it: pages of equal size; cell `c` is number `c % positionsPerPage` of page
/// `c / positionsPerPage`. How a page lies in memory is told in CSwiftletKernels/attention/cells.h.
package struct KeyValuePages: @unchecked Sendable {
    // Sendable: addresses only; the cache that owns the pages orders the writes.

    /// F32, F16 or Q8_0.
    package let type: ElementType
    package let kvHeads: Int
    package let headSize: Int
    package let valueHeadSize: Int
    /// A multiple of `positionsPerBlock`.
    package let positionsPerPage: Int
    package private(set) var keyPages: [UnsafeMutableRawPointer]
    package private(set) var valuePages: [UnsafeMutableRawPointer]
    /// Floats from one row to the next where keys and values are a model's F32 rows as computed; nil for pages.
    let rowStride: Int?

    /// `keyPages`, `valuePages`: of the bytes that `keyBytes` and `valueBytes` say.
    package init(
        type: ElementType, kvHeads: Int, headSize: Int, valueHeadSize: Int, positionsPerPage: Int,
        keyPages: [UnsafeMutableRawPointer], valuePages: [UnsafeMutableRawPointer]
    ) {
        precondition(
            Self.types.contains(type) && headSize % type.blockSize == 0 && valueHeadSize % type.blockSize == 0,
            "a cache of \(type.name) for heads of \(headSize) and \(valueHeadSize)")
        precondition(
            positionsPerPage > 0 && positionsPerPage % Self.positionsPerBlock == 0
                && keyPages.count == valuePages.count,
            "\(keyPages.count) and \(valuePages.count) pages of \(positionsPerPage) positions")
        (self.type, self.kvHeads, self.positionsPerPage) = (type, kvHeads, positionsPerPage)
        (self.headSize, self.valueHeadSize) = (headSize, valueHeadSize)
        (self.keyPages, self.valuePages, rowStride) = (keyPages, valuePages, nil)
    }

    /// Keys and values `[positions, kvHeads * headSize]` of one pass, used where they are.
    package init(keys: FloatMatrix, values: FloatMatrix, kvHeads: Int) {
        precondition(
            kvHeads > 0 && keys.columns % kvHeads == 0 && values.columns % kvHeads == 0 && keys.rows == values.rows
                && keys.stride == values.stride,
            "keys \(keys.shape) and values \(values.shape) of \(kvHeads) heads")
        (type, self.kvHeads, positionsPerPage, rowStride) = (.f32, kvHeads, keys.rows, keys.stride)
        (headSize, valueHeadSize) = (keys.columns / kvHeads, values.columns / kvHeads)
        (keyPages, valuePages) = ([UnsafeMutableRawPointer(keys.base)], [UnsafeMutableRawPointer(values.base)])
    }

    /// Makes room in the lists.
    package mutating func reserve(_ count: Int) {
        keyPages.reserveCapacity(count)
        valuePages.reserveCapacity(count)
    }

    /// Adds a page of the bytes that `keyBytes` and `valueBytes` say.
    package mutating func append(keys: UnsafeMutableRawPointer, values: UnsafeMutableRawPointer) {
        keyPages.append(keys)
        valuePages.append(values)
    }

    /// Takes all pages but the first `count` away and keeps the lists' memory.
    package mutating func keepFirst(_ count: Int) {
        keyPages.removeSubrange(count...)
        valuePages.removeSubrange(count...)
    }

    /// The types that a cache may have.
    package static let types: [ElementType] = [.f32, .f16, .q8_0]

    /// The cells of a page are a multiple of this.
    package static let positionsPerBlock = KernelTable.attentionCells

    /// Bytes of one page of keys. `positions`: a multiple of `positionsPerBlock`.
    package static func keyBytes(_ type: ElementType, kvHeads: Int, headSize: Int, positions: Int) -> Int {
        kvHeads * KernelTable.cellBytes(type, headSize: headSize, keys: true, cells: positions)
    }

    /// Bytes of one page of values.
    package static func valueBytes(_ type: ElementType, kvHeads: Int, headSize: Int, positions: Int) -> Int {
        kvHeads * KernelTable.cellBytes(type, headSize: headSize, keys: false, cells: positions)
    }

    package var cells: Int { keyPages.count * positionsPerPage }
}

/// Query rows that look at one sequence's pages.
package struct AttentionSegment: Sendable {
    /// Which cells each row sees: one range a row.
    enum Visible {
        case ranges([Range<Int>])
        /// Row i stands at position `first + i` and sees itself and what comes before, `window` cells at most.
        case causal(first: Int, window: Int?)
    }

    package let pages: KeyValuePages
    /// Rows of the query matrix.
    package let queryRows: Range<Int>
    private let visible: Visible

    /// `ranges`: the cells that each row sees.
    package init(pages: KeyValuePages, queryRows: Range<Int>, ranges: [Range<Int>]) {
        precondition(queryRows.count == ranges.count, "\(ranges.count) ranges for rows \(queryRows)")
        (self.pages, self.queryRows, visible) = (pages, queryRows, .ranges(ranges))
    }

    /// Rows that see themselves and what comes before them; with a `window`, only so many positions.
    package init(pages: KeyValuePages, queryRows: Range<Int>, firstPosition: Int, window: Int?) {
        (self.pages, self.queryRows, visible) = (pages, queryRows, .causal(first: firstPosition, window: window))
    }

    /// The cells that a row sees, counted from the segment's first.
    func cells(row: Int) -> Range<Int> {
        switch visible {
        case .ranges(let ranges): return ranges[row]
        case .causal(let first, let window):
            let end = first + row + 1
            return max(0, end - (window ?? end))..<end
        }
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
