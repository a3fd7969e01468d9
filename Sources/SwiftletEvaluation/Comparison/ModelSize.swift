import SwiftletModelFiles
public import SwiftletModels

/// What a model takes on disk.
public struct ModelSize: Sendable, Hashable {
    /// Bytes of all weights.
    public let bytes: Int
    /// Numbers in all weights.
    public let parameters: Int

    public init(of model: LanguageModel) {
        bytes = model.file.tensors.reduce(0) { $0 + $1.byteCount }
        parameters = model.file.tensors.reduce(0) { $0 + $1.elementCount }
    }

    /// Bits that a weight takes on average, scales and norms included.
    public var bitsPerWeight: Double { parameters == 0 ? 0 : Double(bytes) * 8 / Double(parameters) }
}
