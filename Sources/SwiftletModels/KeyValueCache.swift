package import SwiftletTensors

/// Keys and values of one sequence, kept for all layers: position `p` of the sequence lies in cell `p`.
///
/// Whoever holds the cache decides how its cells lie in memory (one piece, or pages that sequences share).
package protocol KeyValueCache: AnyObject {
    /// Positions that fit.
    var capacity: Int { get }

    /// Where one layer's keys and values lie.
    func pages(layer: Int) -> KeyValuePages
}

/// How large a position is in each layer: what a cache must know of a model.
public struct KeyValueShape: Sendable, Hashable {
    public let layerCount: Int
    /// Elements of all key heads of one position in one layer.
    public let keyLength: Int
    public let valueLength: Int
    /// Elements of one key head: blocks of a quantized cache must not reach over two heads.
    public let headSize: Int
    public let valueHeadSize: Int
}
