public import SwiftletModelFiles
public import SwiftletTensors

/// What becomes of one tensor.
public struct PlannedTensor: Sendable {
    /// Where it is among the source's tensors.
    public let sourceIndex: Int
    /// Its name in the written file.
    public let name: String
    /// Innermost first.
    public let dimensions: [Int]
    public let sourceType: ElementType
    public let type: ElementType
    /// The mix's type, where rows do not divide into that type's blocks.
    public let wantedType: ElementType?
    /// `[matrices, columns]`; nil without.
    public let importance: [Float]?
    /// Whether the type is worthless, or cannot be written, without importance weights, and there are none.
    public let lacksImportance: Bool
    public let sourceBytes: Int
    public let bytes: Int

    public var columns: Int { dimensions.first ?? 1 }
    public var rows: Int { dimensions.dropFirst().reduce(1, *) }
    public var elementCount: Int { columns * rows }
    /// Rows of one matrix; an expert has its own importance weights.
    var rowsPerMatrix: Int { dimensions.count > 1 ? dimensions[1] : 1 }
    var isCopied: Bool { type == sourceType }

    /// The importance weights of the matrix that a row is in.
    func withImportance<Result>(ofRow row: Int, _ body: (UnsafeBufferPointer<Float>?) -> Result) -> Result {
        guard let importance else { return body(nil) }
        let matrices = importance.count / max(columns, 1)
        let matrix = min(row / max(rowsPerMatrix, 1), matrices - 1)
        return importance.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[matrix * columns..<(matrix + 1) * columns]))
        }
    }
}

/// A file that is to be written.
public struct PlannedFile: Sendable {
    public let metadata: GGUFMetadata
    public let tensors: [PlannedTensor]
}
