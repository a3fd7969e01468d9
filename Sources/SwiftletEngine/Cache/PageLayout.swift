import SwiftletGround
package import SwiftletModels
import SwiftletTensors

/// How a page of the KV cache lies in memory: `positions` cells of all layers, each layer's keys and then its values.
package struct PageLayout: Sendable, Hashable {
    package let shape: KeyValueShape
    package let type: CacheType
    package let positions: Int
    package let keyBytes: Int
    package let valueBytes: Int

    /// Throws if a head's keys or values are no whole number of blocks of `type`. `blocks`: of the kernels' cells.
    package init(_ shape: KeyValueShape, type: CacheType, blocks: Int = 1) throws(EngineError) {
        let element = type.elementType
        if let size = [shape.headSize, shape.valueHeadSize].first(where: { $0 % element.blockSize != 0 }) {
            throw EngineError(
                .cacheType, "heads of \(size) elements are no whole number of \(element.name) blocks",
                advice: "Use an f16 cache for this model")
        }
        (self.shape, self.type) = (shape, type)
        positions = KeyValuePages.positionsPerBlock * blocks
        let heads = shape.keyLength / max(shape.headSize, 1)
        keyBytes = KeyValuePages.keyBytes(element, kvHeads: heads, headSize: shape.headSize, positions: positions)
        valueBytes = KeyValuePages.valueBytes(
            element, kvHeads: heads, headSize: shape.valueHeadSize, positions: positions)
    }

    /// Bytes of all layers.
    package var bytes: Int { (keyBytes + valueBytes) * shape.layerCount }

    /// One layer's keys and values of a sequence without pages; `capacity`: pages that it will hardly outgrow.
    func noPages(capacity: Int) -> KeyValuePages {
        var pages = KeyValuePages(
            type: type.elementType, kvHeads: shape.keyLength / max(shape.headSize, 1), headSize: shape.headSize,
            valueHeadSize: shape.valueHeadSize, positionsPerPage: positions, keyPages: [], valuePages: [])
        pages.reserve(capacity)
        return pages
    }
}
