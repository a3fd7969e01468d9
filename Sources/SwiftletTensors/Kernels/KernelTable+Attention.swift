import CSwiftletKernels

extension KernelTable {
    /// Attention of the rows and query heads of one task, which share a key/value head.
    func attention(
        _ task: AttentionTask, _ q: FloatMatrix, _ segment: AttentionSegment, _ parameters: AttentionParameters,
        pages: (keys: UnsafePointer<UnsafeRawPointer?>, values: UnsafePointer<UnsafeRawPointer?>),
        ranges: UnsafePointer<Int64>, into output: FloatMatrix, scratch: UnsafeMutableRawPointer
    ) {
        let first = segment.queryRows.lowerBound
        var call = swl_attention(
            type: segment.pages.type.rawValue, key_pages: pages.keys, value_pages: pages.values,
            positions_per_page: segment.pages.positionsPerPage, key_row_bytes: segment.pages.keyRowBytes,
            value_row_bytes: segment.pages.valueRowBytes, head_size: parameters.headSize,
            value_head_size: parameters.valueHeadSize, scale: parameters.scale, softcap: parameters.softcap,
            sinks: parameters.sinks, queries: q.base + first * q.stride, query_stride: q.stride,
            output: output.base + first * output.stride, output_stride: output.stride, ranges: ranges,
            first_row: task.rows.lowerBound, end_row: task.rows.upperBound, first_head: task.heads.lowerBound,
            end_head: task.heads.upperBound, kv_head: task.kvHead, scratch: scratch)
        table.pointee.attention(&call)
    }
}

/// One piece of attention's work: query rows (counted from the segment's first) and query heads of one key/value head.
struct AttentionTask {
    var segment: Int
    var rows: Range<Int>
    var heads: Range<Int>
    var kvHead: Int
}
