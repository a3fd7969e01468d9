import SwiftletModels
package import SwiftletTensors

/// One running sequence's keys and values in pages that it may share with others.
package final class PagedCache: KeyValueCache {
    private let memory: PageMemory
    private var layers: [KeyValuePages]
    private var shown: [Int] = []

    /// `capacity`: pages that the sequence will hardly outgrow.
    package init(_ memory: PageMemory, capacity: Int) {
        self.memory = memory
        layers = (0..<memory.layout.shape.layerCount).map { _ in memory.layout.noPages(capacity: capacity) }
        shown.reserveCapacity(capacity)
    }

    package var capacity: Int { shown.count * memory.layout.positions }

    package func pages(layer: Int) -> KeyValuePages { layers[layer] }

    /// Makes `pages` the sequence's; allocates nothing within the capacity.
    package func show(_ pages: [Int]) {
        var same = 0
        while same < min(pages.count, shown.count), pages[same] == shown[same] { same += 1 }
        guard same < max(pages.count, shown.count) else { return }
        shown.removeSubrange(same...)
        for layer in layers.indices { layers[layer].keepFirst(same) }
        let layout = memory.layout
        for page in pages[same...] {
            guard var keys = memory[page].baseAddress else { return }
            shown.append(page)
            for layer in layers.indices {
                layers[layer].append(keys: keys, values: keys + layout.keyBytes)
                keys += layout.keyBytes + layout.valueBytes
            }
        }
    }
}
