import SwiftletModelFiles
import Synchronization

/// The quantized weights of a checkpoint that rows were read of last: only for them are scales and zero points in memory,
/// and the pages of the file.
///
/// Rows come weight by weight, also to several threads, so that two are enough; a third costs time only.
final class RecentWeights: Sendable {
    private struct Entry {
        let parts: [SafetensorsTensor]
        let weight: Weight
    }

    private static let most = 2
    /// The last used one last.
    private let entries = Mutex<[Entry]>([])

    /// The weight made of these tensors, the first of which no other is made of; `make` reads its scales.
    func weight(
        _ parts: [SafetensorsTensor], _ make: () throws(ConversionError) -> Weight
    ) throws(ConversionError) -> Weight {
        try entries.withLock { (entries) throws(ConversionError) in
            if let place = entries.lastIndex(where: { $0.parts[0].bytes.baseAddress == parts[0].bytes.baseAddress }) {
                entries.append(entries.remove(at: place))
            } else {
                entries.append(Entry(parts: parts, weight: try make()))
                if entries.count > Self.most { Self.release(entries.removeFirst().parts) }
            }
            return entries[entries.count - 1].weight
        }
    }

    /// Lets the kernel take back the memory of tensors that were read.
    static func release(_ parts: [SafetensorsTensor]) {
        for part in parts { part.release(0..<part.elementCount) }
    }
}
