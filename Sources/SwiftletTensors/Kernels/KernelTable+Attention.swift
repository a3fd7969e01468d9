import CSwiftletKernels

extension KernelTable {
    static let attentionCells = Int(SWL_ATTENTION_CELLS)
    static let attentionQueries = Int(SWL_ATTENTION_QUERIES)
    static let attentionTile = Int(SWL_ATTENTION_TILE)

    static func attentionScratchBytes(headSize: Int, valueHeadSize: Int) -> Int {
        swl_attention_scratch_bytes(headSize, valueHeadSize)
    }

    /// Floats that one query leaves of one block of cells.
    static func attentionPartialFloats(valueHeadSize: Int) -> Int { swl_attention_partial_floats(valueHeadSize) }

    /// Bytes of one head's keys or values in `cells` cells.
    static func cellBytes(_ type: ElementType, headSize: Int, keys: Bool, cells: Int) -> Int {
        swl_attention_cell_bytes(type.rawValue, headSize, keys ? 1 : 0, cells)
    }

    /// Attention of one task, or the joining of what tasks that share rows left.
    func attention(
        _ task: AttentionTask, join: Bool, _ q: FloatMatrix, _ plan: AttentionAddresses,
        _ parameters: AttentionParameters, into output: FloatMatrix, partials: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutableRawPointer
    ) {
        let segment = plan.segments[task.segment], first = segment.queryRows.lowerBound
        var call = swl_attention(
            type: segment.type.rawValue, rows: segment.rowStride == nil ? 0 : 1,
            key_pages: plan.pages + segment.keyPages, value_pages: plan.pages + segment.valuePages,
            positions_per_page: segment.positionsPerPage, row_stride: segment.rowStride ?? 0,
            head_size: parameters.headSize, value_head_size: parameters.valueHeadSize,
            scale: parameters.scale, softcap: parameters.softcap, sinks: parameters.sinks,
            queries: q.base + first * q.stride, query_stride: q.stride,
            output: output.base + first * output.stride, output_stride: output.stride,
            // A range is its two bounds.
            ranges: UnsafeRawPointer(plan.ranges + segment.ranges).assumingMemoryBound(to: Int64.self),
            first_row: task.rows.lowerBound, end_row: task.rows.upperBound,
            first_head: task.heads.lowerBound, end_head: task.heads.upperBound, kv_head: task.kvHead,
            first_cell: task.cells.lowerBound, end_cell: task.cells.upperBound,
            partials: task.partials.map { partials + $0.offset },
            partial_block: task.partials?.firstBlock ?? 0, scratch: scratch)
        if join { table.pointee.attention_join(&call) } else { table.pointee.attention(&call) }
    }

    /// Writes a row of keys and a row of values into a cell.
    func store(keys: UnsafePointer<Float>, values: UnsafePointer<Float>, cell: Int, into cells: CellAddresses) {
        let (page, position) = cell.quotientAndRemainder(dividingBy: cells.positionsPerPage)
        var call = swl_cell(
            type: cells.type.rawValue, keys: 1, x: keys, heads: cells.kvHeads, head_size: cells.headSize,
            page: cells.keyPages[page], positions_per_page: cells.positionsPerPage, position: position)
        table.pointee.store(&call)
        (call.keys, call.x, call.head_size, call.page) = (0, values, cells.valueHeadSize, cells.valuePages[page])
        table.pointee.store(&call)
    }
}

/// A cache's pages without references, for the threads that write to them.
struct CellAddresses {
    let type: ElementType
    let kvHeads, headSize, valueHeadSize, positionsPerPage: Int
    let keyPages, valuePages: UnsafePointer<UnsafeMutableRawPointer>
}
