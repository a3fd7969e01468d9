/// One piece of attention's work: query rows (counted from the segment's first) and query heads of one key/value head, over
/// some of the cells.
struct AttentionTask {
    var segment: Int
    var rows: Range<Int>
    var heads: Range<Int>
    var kvHead: Int
    var cells = 0..<Int.max
    /// Where the figures of the task's rows begin, from the first block that any of them sees; nil if they are not shared out.
    var partials: (offset: Int, firstBlock: Int)?
}

/// How a call's work is cut up. Kept from call to call, so that steady generation allocates nothing.
struct AttentionPlan {
    private(set) var tasks: [AttentionTask] = []
    /// What is left to do when all tasks of rows that were shared out by cells are done.
    private(set) var joins: [AttentionTask] = []
    /// Floats of memory for the shared-out rows' figures.
    private(set) var partialFloats = 0
    /// The segments, their pages and the cells that their rows see, one after the other.
    private var segments: [PlannedSegment] = []
    private var pages: [UnsafeRawPointer?] = []
    private var ranges: [Range<Int>] = []

    /// Blocks of cells that a task should have at least.
    private static let leastBlocks = 2

    /// Rows times the query heads of one key/value head; where that makes too few tasks for the threads, also runs of cells.
    mutating func make(_ given: [AttentionSegment], _ parameters: AttentionParameters, threads: Int) {
        copy(given)
        tasks.removeAll(keepingCapacity: true)
        joins.removeAll(keepingCapacity: true)
        partialFloats = 0
        let group = parameters.heads / parameters.kvHeads, most = KernelTable.attentionQueries
        var total = 0
        for segment in segments { total += segment.queryRows.count }
        let heads = min(group, most), wanted = threads * 4
        let rows = min(max(total * parameters.kvHeads / wanted, KernelTable.attentionTile / heads, 1), most / heads)
        for (index, segment) in segments.enumerated() {
            for row in stride(from: 0, to: segment.queryRows.count, by: rows) {
                for kvHead in 0..<parameters.kvHeads {
                    for first in stride(from: kvHead * group, to: (kvHead + 1) * group, by: heads) {
                        tasks.append(
                            AttentionTask(
                                segment: index, rows: row..<min(row + rows, segment.queryRows.count),
                                heads: first..<min(first + heads, (kvHead + 1) * group), kvHead: kvHead))
                    }
                }
            }
        }
        if threads > 1, !tasks.isEmpty, tasks.count < wanted {
            shareOut(parameters, pieces: (wanted + tasks.count - 1) / tasks.count)
        }
        // Later rows see more cells: the long tasks first.
        tasks.reverse()
    }

    /// Calls `body` with the plan as plain addresses.
    func withAddresses(_ body: (AttentionAddresses) -> Void) {
        tasks.withUnsafeBufferPointer { tasks in
            joins.withUnsafeBufferPointer { joins in
                segments.withUnsafeBufferPointer { segments in
                    pages.withUnsafeBufferPointer { pages in
                        ranges.withUnsafeBufferPointer { ranges in
                            guard let pages = pages.baseAddress, let ranges = ranges.baseAddress else { return }
                            body(
                                AttentionAddresses(
                                    tasks: tasks, joins: joins, segments: segments, pages: pages, ranges: ranges))
                        }
                    }
                }
            }
        }
    }

    private mutating func copy(_ given: [AttentionSegment]) {
        segments.removeAll(keepingCapacity: true)
        pages.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        for segment in given {
            let from = segment.pages, start = pages.count
            for page in from.keyPages { pages.append(UnsafeRawPointer(page)) }
            for page in from.valuePages { pages.append(UnsafeRawPointer(page)) }
            segments.append(
                PlannedSegment(
                    type: from.type, positionsPerPage: from.positionsPerPage, rowStride: from.rowStride,
                    queryRows: segment.queryRows, keyPages: start, valuePages: start + from.keyPages.count,
                    ranges: ranges.count))
            for row in 0..<segment.queryRows.count { ranges.append(segment.cells(row: row)) }
        }
    }

    private mutating func shareOut(_ parameters: AttentionParameters, pieces: Int) {
        let size = KernelTable.attentionPartialFloats(valueHeadSize: parameters.valueHeadSize)
        let block = KeyValuePages.positionsPerBlock
        for index in tasks.indices {
            let task = tasks[index]
            var (low, high) = (Int.max, 0)
            let first = segments[task.segment].ranges
            for range in ranges[first + task.rows.lowerBound..<first + task.rows.upperBound] where !range.isEmpty {
                (low, high) = (min(low, range.lowerBound), max(high, range.upperBound))
            }
            guard low < high else { continue }
            let blocks = low / block..<(high + block - 1) / block
            let each = max(Self.leastBlocks, (blocks.count + pieces - 1) / pieces)
            guard blocks.count > each else { continue }
            var part = task
            part.partials = (partialFloats, blocks.lowerBound)
            partialFloats += blocks.count * task.rows.count * task.heads.count * size
            joins.append(part)
            for first in stride(from: blocks.lowerBound, to: blocks.upperBound, by: each) {
                part.cells = first * block..<min(first + each, blocks.upperBound) * block
                if first == blocks.lowerBound { tasks[index] = part } else { tasks.append(part) }
            }
        }
    }
}

/// A segment without references: where its pages and ranges begin in the plan's lists.
struct PlannedSegment {
    let type: ElementType
    let positionsPerPage: Int
    let rowStride: Int?
    let queryRows: Range<Int>
    let keyPages: Int
    let valuePages: Int
    let ranges: Int
}

/// A plan's lists, for the threads that work on it.
struct AttentionAddresses {
    let tasks: UnsafeBufferPointer<AttentionTask>
    let joins: UnsafeBufferPointer<AttentionTask>
    let segments: UnsafeBufferPointer<PlannedSegment>
    let pages: UnsafePointer<UnsafeRawPointer?>
    let ranges: UnsafePointer<Range<Int>>
}
