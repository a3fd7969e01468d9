public import SwiftletGround
public import SwiftletModelFiles

/// An importance matrix as a quantizer uses it: for each weight, one factor a column that says how much its error matters.
public struct ImportanceMatrix: Sendable {
    /// What the written file says that the matrix was called.
    public let fileName: String
    /// The first text that it was computed on.
    public let dataset: String?
    /// Chunks of text that were run; 0 if unknown.
    public let chunkCount: Int
    private let weights: [ByteString: [Float]]

    /// Weights in use.
    public var count: Int { weights.count }
    var isEmpty: Bool { weights.isEmpty }

    /// Takes the entries whose name contains one of `including` (all, if that is empty), or none of `excluding`.
    ///
    /// Throws if both are given, or a factor is NaN or infinite.
    public init(
        _ file: ImportanceMatrixFile, fileName: String, including: [String] = [], excluding: [String] = []
    ) throws(QuantizerError) {
        guard including.isEmpty || excluding.isEmpty else {
            throw QuantizerError(.option, "weights are both included and excluded", advice: "Give one of the two")
        }
        self.fileName = fileName
        dataset = file.datasets.first
        chunkCount = file.chunkCount
        var weights: [ByteString: [Float]] = [:]
        for entry in file.entries {
            guard including.isEmpty || including.contains(where: entry.name.contains(bytes:)),
                !excluding.contains(where: entry.name.contains(bytes:))
            else { continue }
            let factors = file.weights(of: entry)
            if let bad = factors.firstIndex(where: { !$0.isFinite }) {
                throw QuantizerError(
                    .importance, "the factor of column \(bad) is \(factors[bad])", at: "\(fileName), \(entry.name)",
                    advice: "The importance matrix is damaged; make it again")
            }
            weights[ByteString(entry.name)] = factors
        }
        self.weights = weights
    }

    /// The factors of a weight, `[matrices, columns]`; nil if the matrix has none for it.
    public func weights(named name: String) -> [Float]? { weights[ByteString(name)] }

    /// The factors for a tensor that is quantized; nil if there are none. Throws if they are of another shape.
    func weights(for tensor: GGUFTensor) throws(QuantizerError) -> [Float]? {
        guard let factors = weights(named: tensor.name) else { return nil }
        let matrices = tensor.dimensions.count > 2 ? tensor.dimensions[2] : 1
        let wanted = tensor.columns * matrices
        if factors.count == wanted { return factors }
        // Matrices of many programs have embeddings in a shape of their own; they are of no use there anyway.
        if TensorCategory(tensor.name) == .tokenEmbedding { return nil }
        throw QuantizerError(
            .importance, "has \(factors.count) factors for a tensor that takes \(wanted)",
            at: "\(fileName), \(tensor.name)",
            advice: "The importance matrix is of another model; make one of this model with `swiftlet imatrix`")
    }
}
