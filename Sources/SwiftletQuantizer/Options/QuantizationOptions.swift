public import SwiftletTensors

/// What a model is quantized to.
public struct QuantizationOptions: Sendable {
    public var fileType: FileType
    public var importance: ImportanceMatrix?
    /// Types of tensors by their names; the first rule that fits a name decides.
    public var tensorTypes: [TensorTypeRule] = []
    /// The type of `output.weight`, and of embeddings that are the output too.
    public var outputType: ElementType?
    /// The type of the token embeddings.
    public var embeddingType: ElementType?
    /// The main type for all tensors, without a mix.
    public var isPure = false
    /// Leaves `output.weight` in its type.
    public var leavesOutput = false
    /// Allows tensors that are quantized already, whose errors then add up.
    public var allowsRequantizing = false
    public var overrides: [MetadataOverride] = []
    /// Layers to leave out; those after them move up.
    public var prunedLayers: Set<Int> = []
    /// Writes as many files as the model has, each with the same tensors.
    public var keepsSplit = false

    public init(_ fileType: FileType) { self.fileType = fileType }
}
