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
        for cell in cells { precondition(cell >= 0 && Int(cell) < pages.cells, "cell \(cell) of \(pages.cells)") }
        pages.withAddresses { addresses in
            eachRow(
                cells.count, cost: keys.columns * 2,
                StoredRows(kernels: kernels, keys: keys, values: values, cells: cells, pages: addresses))
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
        attentionPlan.withAddresses { plan in
            let work = AttentionWork(
                kernels: kernels, plan: plan, q: q, parameters: parameters, output: output, partials: partials,
                memory: workerMemory, joins: false)
            pool.run(plan.tasks.count, work)
            guard !plan.joins.isEmpty else { return }
            let join = work.joining
            if attentionPlan.partialFloats > Self.manyPartialFloats {
                pool.run(plan.joins.count, join)
            } else {
                for task in plan.joins.indices { join(task: task, worker: 0) }
            }
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
            for row in 0..<segment.queryRows.count {
                let range = segment.cells(row: row)
                precondition(
                    range.isEmpty || (range.lowerBound >= 0 && range.upperBound <= pages.cells),
                    "cells \(range) of \(pages.cells)")
            }
        }
    }
}

/// The tasks of a plan, or its joins.
private struct AttentionWork: ParallelWork {
    let kernels: KernelTable
    let plan: AttentionAddresses
    let q: FloatMatrix
    let parameters: AttentionParameters
    let output: FloatMatrix
    let partials: UnsafeMutablePointer<Float>
    let memory: WorkerMemory
    var joins: Bool

    var joining: AttentionWork {
        var work = self
        work.joins = true
        return work
    }

    func callAsFunction(task: Int, worker: Int) {
        kernels.attention(
            joins ? plan.joins[task] : plan.tasks[task], join: joins, q, plan, parameters, into: output,
            partials: partials, scratch: memory[worker])
    }
}

private struct StoredRows: RowWork {
    let kernels: KernelTable
    let keys, values: FloatMatrix
    let cells: UnsafeBufferPointer<Int32>
    let pages: CellAddresses

    func callAsFunction(row: Int) {
        kernels.store(keys: keys[row: row], values: values[row: row], cell: Int(cells[row]), into: pages)
    }
}

extension KeyValuePages {
    /// Calls `body` with the pages as plain addresses.
    fileprivate func withAddresses(_ body: (CellAddresses) -> Void) {
        keyPages.withUnsafeBufferPointer { keys in
            valuePages.withUnsafeBufferPointer { values in
                guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
                body(
                    CellAddresses(
                        type: type, kvHeads: kvHeads, headSize: headSize, valueHeadSize: valueHeadSize,
                        positionsPerPage: positionsPerPage, keyPages: keys, valuePages: values))
            }
        }
    }
}
