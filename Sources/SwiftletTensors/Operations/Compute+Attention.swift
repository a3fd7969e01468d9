extension Compute {
    /// Writes a row of keys and a row of values, `[kvHeads * headSize]`, into each cell, in the cache's type.
    package func store(
        keys: FloatMatrix, values: FloatMatrix, cells: UnsafeBufferPointer<Int32>, into pages: KeyValuePages
    ) {
        precondition(
            keys.rows == cells.count && values.rows == cells.count
                && pages.keyRowBytes == pages.type.bytes(elements: keys.columns)
                && pages.valueRowBytes == pages.type.bytes(elements: values.columns),
            "\(keys.shape) and \(values.shape) into \(cells.count) cells of \(pages.keyRowBytes) and "
                + "\(pages.valueRowBytes) bytes")
        eachRow(cells.count, cost: keys.columns * 2) { [kernels] row in
            let cell = Int(cells[row])
            precondition(cell >= 0 && cell < pages.cells, "cell \(cell) of \(pages.cells)")
            let (page, position) = cell.quotientAndRemainder(dividingBy: pages.positionsPerPage)
            kernels.store(
                pages.type, keys[row: row], keys.columns, to: pages.keyPages[page] + position * pages.keyRowBytes)
            kernels.store(
                pages.type, values[row: row], values.columns,
                to: pages.valuePages[page] + position * pages.valueRowBytes)
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
        let work = segments.map { SegmentMemory($0) }
        let tasks = self.tasks(segments, parameters)
        pool.run(tasks.count) { index, worker in
            let task = tasks[index]
            work[task.segment].withPointers { pages, ranges in
                kernels.attention(
                    task, q, segments[task.segment], parameters, pages: pages, ranges: ranges, into: output,
                    scratch: scratch(worker))
            }
        }
    }

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
                pages.keyRowBytes >= pages.type.bytes(elements: parameters.kvHeads * parameters.headSize)
                    && pages.valueRowBytes >= pages.type.bytes(elements: parameters.kvHeads * parameters.valueHeadSize)
                    && parameters.headSize % pages.type.blockSize == 0
                    && parameters.valueHeadSize % pages.type.blockSize == 0,
                "cells of \(pages.keyRowBytes) and \(pages.valueRowBytes) bytes of \(pages.type.name) with \(parameters)"
            )
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

    /// Tiles of query rows times the query heads of one key/value head. Few rows: the heads are shared out too.
    private func tasks(_ segments: [AttentionSegment], _ parameters: AttentionParameters) -> [AttentionTask] {
        let group = parameters.heads / parameters.kvHeads
        let total = segments.reduce(0) { $0 + $1.queryRows.count }
        let headsAtOnce =
            total * parameters.kvHeads < threads * 2
            ? max(1, group * total * parameters.kvHeads / (threads * 2)) : min(group, KernelTable.attentionQueries)
        let rowsAtOnce = max(1, KernelTable.attentionQueries / headsAtOnce)
        var tasks: [AttentionTask] = []
        for (index, segment) in segments.enumerated() {
            for row in stride(from: 0, to: segment.queryRows.count, by: rowsAtOnce) {
                let rows = row..<min(row + rowsAtOnce, segment.queryRows.count)
                for kvHead in 0..<parameters.kvHeads {
                    for first in stride(from: kvHead * group, to: (kvHead + 1) * group, by: headsAtOnce) {
                        let heads = first..<min(first + headsAtOnce, (kvHead + 1) * group)
                        tasks.append(AttentionTask(segment: index, rows: rows, heads: heads, kvHead: kvHead))
                    }
                }
            }
        }
        // Later rows see more cells: the long tasks first.
        return tasks.reversed()
    }
}

/// A segment's pages and ranges as C arrays.
private struct SegmentMemory {
    let keys: [UnsafeRawPointer?]
    let values: [UnsafeRawPointer?]
    let ranges: [Int64]

    init(_ segment: AttentionSegment) {
        keys = segment.pages.keyPages.map { UnsafeRawPointer($0) }
        values = segment.pages.valuePages.map { UnsafeRawPointer($0) }
        ranges = segment.ranges.flatMap { [Int64($0.lowerBound), Int64($0.upperBound)] }
    }

    func withPointers(
        _ body: ((UnsafePointer<UnsafeRawPointer?>, UnsafePointer<UnsafeRawPointer?>), UnsafePointer<Int64>) -> Void
    ) {
        keys.withUnsafeBufferPointer { keys in
            values.withUnsafeBufferPointer { values in
                ranges.withUnsafeBufferPointer { ranges in
                    guard let keys = keys.baseAddress, let values = values.baseAddress, let ranges = ranges.baseAddress
                    else { return }
                    body((keys, values), ranges)
                }
            }
        }
    }
}
