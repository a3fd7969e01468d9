import Foundation
import SwiftletTensors

extension GGUFFile {
    /// Begins to bring the files' pages into memory, for a model that is about to run; returns at once. A model that would
    /// take more than half of the machine's memory is left to come as it is read.
    package func populate() {
        let views = tensors.indices.map { tensor(at: $0) }
        let total = views.reduce(0) { $0 + $1.bytes.count }
        guard UInt64(total) <= ProcessInfo.processInfo.physicalMemory / 2 else { return }
        var seen: Set<ObjectIdentifier> = []
        for view in views {
            guard let file = view.mappedFile, seen.insert(ObjectIdentifier(file)).inserted else { continue }
            file.populate()
        }
    }
}
