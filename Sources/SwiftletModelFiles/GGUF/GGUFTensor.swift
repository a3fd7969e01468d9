public import SwiftletGround
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

    init(name: String, type: ElementType, dimensions: [Int], offset: Int, byteCount: Int, shard: Int) {
        (self.name, self.type, self.dimensions) = (name, type, dimensions)
        (self.offset, self.byteCount, self.shard) = (offset, byteCount, shard)
    }

    /// A tensor that lies in no file, for a `TensorSource` that makes it; throws if the dimensions make no whole blocks.
    public init(name: String, type: ElementType, dimensions: [Int], shard: Int = 0) throws(ModelFileError) {
        do {
            byteCount = try TensorView.byteCount(shape: dimensions.reversed(), type: type, name: name)
        } catch {
            throw ModelFileError(.malformed, error.problem, at: error.place)
        }
        (self.name, self.type, self.dimensions, self.shard) = (name, type, dimensions, shard)
        offset = 0
    }

    /// Elements of a row, the innermost dimension.
    public var columns: Int { dimensions.first ?? 1 }
    /// Rows of all outer dimensions together.
    public var rows: Int { dimensions.dropFirst().reduce(1, *) }
    public var elementCount: Int { columns * rows }

    /// The shape of Swiftlet's views: outermost first, `[outputs, inputs]`; outer dimensions of 1 that pad a matrix or
    /// vector to three or four dimensions are left out.
    public var shape: [Int] {
        var shape = dimensions
        while shape.count > 2, shape.last == 1 { shape.removeLast() }
        return shape.reversed()
    }
}
