import SwiftletGround
import SwiftletModels
import SwiftletTensors

/// The memory of all pages, which the system hands out as it is first used.
package final class PageMemory: @unchecked Sendable {
    // Sendable: addresses only; the scheduler says who may write a page, and the engine orders the steps.

    package let layout: PageLayout
    package let count: Int
    private let memory: AlignedBuffer

    /// Throws if the machine has not that much.
    package init(_ layout: PageLayout, count: Int) throws(EngineError) {
        (self.layout, self.count) = (layout, count)
        let (size, overflow) = layout.bytes.multipliedReportingOverflow(by: count)
        do throws(TensorError) {
            memory = try AlignedBuffer(checked: overflow ? -1 : size)
        } catch {
            throw EngineError(
                .contextLength, "the system has no memory for \(count * layout.positions) tokens",
                advice: "Ask for a shorter --context, or a q8_0 cache", cause: error)
        }
    }

    /// The bytes of one page.
    package subscript(page: Int) -> UnsafeMutableRawBufferPointer {
        precondition(page >= 0 && page < count, "page \(page) of \(count)")
        let start = page * layout.bytes
        return UnsafeMutableRawBufferPointer(rebasing: memory.bytes[start..<start + layout.bytes])
    }

    package func copy(_ from: Int, to: Int) { self[to].copyMemory(from: UnsafeRawBufferPointer(self[from])) }
}
