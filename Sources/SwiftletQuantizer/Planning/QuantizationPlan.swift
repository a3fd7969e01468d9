public import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors

/// What quantizing a model will write: types and sizes of all tensors, known before a single weight is read.
public struct QuantizationPlan: Sendable {
    public let fileType: FileType
    /// One file, or as many as the source has.
    public let files: [PlannedFile]
    /// What the caller may want to know, one sentence each.
    public let notes: [String]

    public var tensors: [PlannedTensor] { files.flatMap(\.tensors) }
    public var sourceBytes: Int { tensors.reduce(0) { $0 + $1.sourceBytes } }
    /// Bytes of all tensors in the new files.
    public var bytes: Int { tensors.reduce(0) { $0 + $1.bytes } }
    public var elementCount: Int { tensors.reduce(0) { $0 + $1.elementCount } }
    public var bitsPerWeight: Double { elementCount == 0 ? 0 : Double(bytes) * 8 / Double(elementCount) }

    /// Decides everything; reads metadata only.
    ///
    /// Throws if an option does not suit the model. What lacks importance weights is no error yet: `checkImportance`.
    public init(_ source: some TensorSource, _ options: QuantizationOptions) throws {
        var planner = try Planner(source, options)
        let tensors = try planner.tensors()
        (fileType, files) = (options.fileType, try planner.files(tensors))
        notes = planner.notes(tensors)
    }

    /// Throws if a tensor gets a type that is worthless without an importance matrix, and has none.
    public func checkImportance() throws(QuantizerError) {
        guard let tensor = tensors.first(where: \.lacksImportance) else { return }
        throw QuantizerError(
            .importance, "\(tensor.type.name) needs importance weights", at: "tensor \(tensor.name)",
            advice: "Make a matrix with `swiftlet imatrix` and give it with --imatrix, or choose a larger type")
    }
}
