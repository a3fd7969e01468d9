import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// A checkpoint with what its architecture assumes: what the architectures' files read.
struct CheckpointModel: Sendable {
    let checkpoint: Checkpoint
    let architecture: any CheckpointArchitecture.Type
    var configuration: CheckpointConfiguration
    let rope: RopeParameters
    let fileType: FileType

    /// Values of `general.file_type` (llama.h, `llama_ftype`).
    enum FileType: UInt32, Sendable {
        case f32 = 0, f16 = 1, bf16 = 32

        var elementType: ElementType {
            switch self {
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            }
        }
    }

    init(_ checkpoint: Checkpoint, _ type: OutputType) throws(ConversionError) {
        self.checkpoint = checkpoint
        architecture = try CheckpointArchitectures.find(className: checkpoint.configuration.className)
        configuration = checkpoint.configuration.with(defaults: architecture.defaults)
        rope = try RopeParameters(configuration)
        fileType =
            switch type {
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            case .auto: Self.guessed(checkpoint, architecture)
            }
    }

    /// The type of the first matrix that is stored in 16 bits; F16 where all are of other types.
    private static func guessed(
        _ checkpoint: Checkpoint, _ architecture: any CheckpointArchitecture.Type
    ) -> FileType {
        for tensor in checkpoint.tensors where tensor.shape.count >= 2 && architecture.filtered(tensor.name) != nil {
            if tensor.type == .bf16 { return .bf16 }
            if tensor.type == .f16 { return .f16 }
        }
        return .f16
    }

    /// The type that a tensor is written in: what is small or sensitive stays F32 (base.py, `prepare_tensors`).
    func outputType(_ name: String, _ weight: Weight) -> ElementType {
        if weight.shape.count <= 1 || name.hasSuffix("_norm.weight") { return .f32 }
        let sensitive = ["ffn_gate_inp.weight", "ffn_gate_inp_shexp.weight"].contains { name.hasSuffix("." + $0) }
        if sensitive || name == "position_embd.weight" || name == "token_types.weight" { return .f32 }
        return [".weight", ".lora_a", ".lora_b"].contains { name.hasSuffix($0) } ? fileType.elementType : .f32
    }

    /// The tensors of the GGUF file in its order.
    func tensors() throws(ConversionError) -> [NamedWeight] {
        var converted = try architecture.generatedTensors(self)
        var stacks = ExpertStacks()
        for tensor in try QuantizedWeights.decoded(checkpoint.tensors, configuration) {
            guard let name = architecture.filtered(tensor.name) else { continue }
            try tensor.checkShape()
            let filtered = NamedWeight(name: name, weight: tensor.weight)
            for part in try stacks.collected(filtered, configuration) {
                do throws(ConversionError) {
                    converted += try architecture.converted(part, self)
                } catch {
                    throw error.place?.contains("tensor ") == true ? error : error.within("tensor \(tensor.name)")
                }
            }
        }
        try stacks.checkComplete()
        return converted
    }
}
