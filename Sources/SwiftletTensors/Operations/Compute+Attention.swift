extension Compute {
    /// Writes a row of keys and a row of values, `[kvHeads * headSize]`, into each cell, in the cache's type.
    package func store(
        keys: FloatMatrix, values: FloatMatrix, cells: UnsafeBufferPointer<Int32>, into pages: KeyValuePages
    ) {
        precondition(
            keys.rows == cells.count && values.rows == cells.count && pages.rowStride == nil
                && keys.columns == pages.kvHeads * pages.headSize
                && values.columns == pages.kvHeads * pages.valueHeadSize,
            "\(keys.shape) and \(values.shape) into \(cells.count) cells of \(pages.kvHeads) heads of "
                + "\(pages.headSize) and \(pages.valueHeadSize)")
        eachRow(cells.count, cost: keys.columns * 2) { [kernels] row in
            let cell = Int(cells[row])
            precondition(cell >= 0 && cell < pages.cells, "cell \(cell) of \(pages.cells)")
            kernels.store(keys: keys[row: row], values: values[row: row], cell: cell, into: pages)
        }
    }

    /// Softmax attention of `q` `[tokens, heads * headSize]` over the cells that each row sees, into
    /// `[tokens, heads * valueHeadSize]`. Rows in no segment are left alone.
    package func attention(
        _ q: FloatMatrix, segments: [AttentionSegment], parameters: AttentionParameters, into output: FloatMatrix
    ) {
        check(q, segments, parameters, output)
        reserveScratch(
            bytes: KernelTable.attentionScratchBytes(
                headSize: parameters.headSize, valueHeadSize: parameters.valueHeadSize))
        attentionPlan.make(segments, parameters, threads: threads)
        let partials = memory(.partials, bytes: attentionPlan.partialFloats * MemoryLayout<Float>.stride)
            .assumingMemoryBound(to: Float.self)
        func perform(_ task: AttentionTask, join: Bool, _ worker: Int) {
            kernels.attention(
                task, join: join, q, segments[task.segment], parameters, into: output, partials: partials,
                scratch: scratch(worker))
        }
        let (tasks, joins) = (attentionPlan.tasks, attentionPlan.joins)
        pool.run(tasks.count) { perform(tasks[$0], join: false, $1) }
        if attentionPlan.partialFloats > Self.manyPartialFloats {
            pool.run(joins.count) { perform(joins[$0], join: true, $1) }
        } else {
            for join in joins { perform(join, join: true, 0) }
        }
    }

    /// From here on joining is worth waking threads.
    private static let manyPartialFloats = 65_536

    private func check(
        _ q: FloatMatrix, _ segments: [AttentionSegment], _ parameters: AttentionParameters, _ output: FloatMatrix
    ) {
        precondition(
            q.columns == parameters.heads * parameters.headSize && output.rows == q.rows
                && output.columns == parameters.heads * parameters.valueHeadSize,
            "\(q.shape) into \(output.shape) with \(parameters)")
        for segment in segments {
            let pages = segment.pages
            precondition(
                pages.kvHeads == parameters.kvHeads && pages.headSize == parameters.headSize
                    && pages.valueHeadSize == parameters.valueHeadSize,
                "a cache of \(pages.kvHeads) heads of \(pages.headSize) and \(pages.valueHeadSize) with \(parameters)")
            precondition(
                segment.queryRows.lowerBound >= 0 && segment.queryRows.upperBound <= q.rows,
                "rows \(segment.queryRows) of \(q.shape)")
            for range in segment.ranges {
                precondition(
                    range.isEmpty || (range.lowerBound >= 0 && range.upperBound <= pages.cells),
                    "cells \(range) of \(pages.cells)")
            }
        }
    }
}
