import Foundation
import SwiftletGround
package import SwiftletModels
package import SwiftletTensors

/// One sequence's keys and values in one piece of memory, which the system hands out page by page as it is first used.
package final class ContiguousCache: KeyValueCache {
    package let capacity: Int
    private let memory: AlignedBuffer
    private let layers: [KeyValuePages]

    /// Throws if a head's keys or values are no whole number of blocks of `type`, or the machine has not that much memory.
    package init(_ shape: KeyValueShape, capacity: Int, type: CacheType) throws(EngineError) {
        // Whole blocks of cells; memory that no position needs is never touched.
        let one = try PageLayout(shape, type: type)
        let (block, keyBytes, valueBytes) = (one.positions, one.keyBytes, one.valueBytes)
        let (padded, tooLong) = capacity.addingReportingOverflow(block - 1)
        let blocks = tooLong ? 0 : padded / block
        let (size, tooLarge) = one.bytes.multipliedReportingOverflow(by: blocks)
        let overflow = tooLong || tooLarge
        guard capacity > 0, !overflow else {
            throw EngineError(
                .contextLength, "a context of \(capacity) tokens is impossible", advice: "Ask for a shorter --context")
        }
        guard size <= ProcessInfo.processInfo.physicalMemory else {
            throw EngineError(
                .contextLength,
                "a context of \(capacity) tokens takes \(size) bytes, more than this machine's memory",
                advice: "Ask for a shorter --context, or a q8_0 cache")
        }
        self.capacity = capacity
        do throws(TensorError) {
            memory = try AlignedBuffer(checked: size)
        } catch {
            throw EngineError(
                .contextLength, "the system has no memory for a context of \(capacity) tokens (\(size) bytes)",
                advice: "Ask for a shorter --context, or a q8_0 cache", cause: error)
        }
        var next = memory.bytes.baseAddress!
        layers = (0..<shape.layerCount).map { _ in
            let keys = next
            let values = keys + keyBytes * blocks
            next = values + valueBytes * blocks
            return KeyValuePages(
                type: type.elementType, kvHeads: shape.keyLength / max(shape.headSize, 1), headSize: shape.headSize,
                valueHeadSize: shape.valueHeadSize, positionsPerPage: blocks * block, keyPages: [keys],
                valuePages: [values])
        }
    }

    package var byteCount: Int { memory.bytes.count }

    package func pages(layer: Int) -> KeyValuePages { layers[layer] }
}
