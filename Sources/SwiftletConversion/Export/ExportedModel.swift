import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// A GGUF file on its way back to a checkpoint: what the architectures' files read.
struct ExportedModel: Sendable {
    let file: GGUFFile
    let architecture: any CheckpointArchitecture.Type
    let headCount: Int
    let keyValueHeadCount: Int
    let expertCount: Int

    init(_ file: GGUFFile) throws(ConversionError) {
        self.file = file
        do {
            let name = try file.metadata.string("general.architecture")
            architecture = try CheckpointArchitectures.find(name: name)
            headCount = try Self.integer(file.metadata, name + ".attention.head_count")
            let keyValueKey = name + ".attention.head_count_kv"
            keyValueHeadCount =
                file.metadata[keyValueKey] == nil ? headCount : try Self.integer(file.metadata, keyValueKey)
            expertCount = try file.metadata.integer(ifPresent: name + ".expert_count") ?? 0
        } catch let error as ConversionError {
            throw error
        } catch let error as ModelFileError {
            throw ConversionError(error, .malformed)
        } catch {
            throw ConversionError(.malformed, "the metadata cannot be read", cause: error)
        }
    }

    /// A count of one value, or of one a layer, which must then agree.
    private static func integer(_ metadata: GGUFMetadata, _ key: String) throws -> Int {
        if case .array? = metadata[key] {
            let list: [Int] = try metadata.integers(key)
            guard let first = list.first, first > 0, list.allSatisfy({ $0 == first }) else {
                throw ConversionError(.unsupported, "layers of different sizes are not exported", at: "key \(key)")
            }
            return first
        }
        let value = try metadata.integer(key)
        guard value > 0 else { throw ConversionError(.malformed, "\(value) is no number of heads", at: "key \(key)") }
        return value
    }

    func weight(_ name: String) throws(ConversionError) -> Weight {
        guard let tensor = file.tensor(named: name) else {
            throw ConversionError(.missing, "the tensor is missing", at: "tensor \(name)")
        }
        return Weight(tensor)
    }

    /// For a stack of experts, the checkpoint's name of it up to `experts.` and what follows the expert's number.
    func experts(_ tensor: NamedWeight) throws(ConversionError) -> (stem: String, rest: String)? {
        guard tensor.name.hasSuffix("_exps.weight"), tensor.weight.shape.count == 3 else { return nil }
        guard let name = architecture.names.checkpoint(tensor.name), let end = name.range(of: "experts.")?.upperBound
        else {
            throw ConversionError(
                .unsupported, "checkpoints of \"\(architecture.name)\" have no experts", at: "tensor \(tensor.name)")
        }
        return (String(name[..<end]), "." + name[end...])
    }
}

/// The shortest decimal that gives the number back in single precision: 0.1, not 0.10000000149.
func shortest(_ number: Float) -> Double { Double(number.description) ?? Double(number) }
