package import SwiftletTensors

/// Memory for the intermediate results of a model step: taken in order, given back all at once, kept for the next step.
///
/// After the first steps of a size it allocates nothing more.
package final class Scratch {
    private var blocks: [AlignedBuffer] = []
    private var current = 0
    private var used = 0
    private var segments: [AttentionSegment] = []

    package struct Mark {
        fileprivate let block: Int
        fileprivate let used: Int
    }

    package init() {}

    package var mark: Mark { Mark(block: current, used: used) }

    package func release(to mark: Mark) { (current, used) = (mark.block, mark.used) }

    /// Forgets everything taken; if one piece was not enough, the next step gets one that is.
    package func reset() {
        if blocks.count > 1 {
            let total = blocks.reduce(0) { $0 + $1.bytes.count }
            blocks = [AlignedBuffer(byteCount: total)]
        }
        (current, used) = (0, 0)
    }

    package func matrix(rows: Int, columns: Int) -> FloatMatrix {
        let memory = take(byteCount: rows * columns * MemoryLayout<Float>.stride)
        return FloatMatrix(base: memory.bindMemory(to: Float.self).baseAddress!, rows: rows, columns: columns)
    }

    package func integers(_ count: Int) -> UnsafeMutableBufferPointer<Int32> {
        take(byteCount: count * MemoryLayout<Int32>.stride).bindMemory(to: Int32.self)
    }

    /// Calls `body` with an empty list of segments whose memory is kept.
    package func withSegments(_ body: (inout [AttentionSegment]) -> Void) {
        segments.removeAll(keepingCapacity: true)
        body(&segments)
        segments.removeAll(keepingCapacity: true)
    }

    private func take(byteCount: Int) -> UnsafeMutableRawBufferPointer {
        let size =
            max(byteCount + AlignedBuffer.alignment - 1, AlignedBuffer.alignment) & ~(AlignedBuffer.alignment - 1)
        while current < blocks.count {
            if used + size <= blocks[current].bytes.count { break }
            (current, used) = (current + 1, 0)
        }
        if current == blocks.count {
            let last = blocks.last?.bytes.count ?? 0
            blocks.append(AlignedBuffer(byteCount: max(size, 2 * last, 1 << 16)))
        }
        defer { used += size }
        return UnsafeMutableRawBufferPointer(rebasing: blocks[current].bytes[used..<used + byteCount])
    }
}
