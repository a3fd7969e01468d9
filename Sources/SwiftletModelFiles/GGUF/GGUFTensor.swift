public import SwiftletTensors

/// What a GGUF file says of a tensor; where its numbers are, `GGUFFile.tensor(named:)` gives.
public struct GGUFTensor: Sendable, Hashable {
    public let name: String
    public let type: ElementType
    /// Dimensions in the file's order: innermost first, so `[inputs, outputs]` for a weight.
    public let dimensions: [Int]
    /// Where the data begins, in bytes from the start of its shard's data section.
    public let offset: Int
    public let byteCount: Int
    /// Which shard holds the data; 0 in a file that is not split.
    public let shard: Int

    /// The shape of Swiftlet's views: outermost first, `[outputs, inputs]`; outer dimensions of 1 that pad a matrix or
    /// vector to three or four dimensions are left out.
    public var shape: [Int] {
        var shape = dimensions
        while shape.count > 2, shape.last == 1 { shape.removeLast() }
        return shape.reversed()
    }
}
