public import Foundation
public import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors

/// A LoRA adapter (arXiv:2106.09685) as PEFT stores it: a folder with `adapter_config.json` and
/// `adapter_model.safetensors`.
public struct PEFTAdapter: Sendable {
    public let folder: URL
    private let settings: JSONObject
    private let file: SafetensorsFile

    /// Opens a folder. Throws if files are missing or damaged, or the adapter is no plain LoRA (DoRA, trained biases).
    public init(_ folder: URL) throws(ConversionError) {
        self.folder = folder
        guard let json = try Checkpoint.json(named: "adapter_config.json", in: folder)?.object else {
            throw ConversionError(
                .missing, "the folder has no adapter_config.json", at: folder.path(percentEncoded: false),
                advice: "Name the folder of a PEFT adapter")
        }
        settings = json
        do {
            file = try SafetensorsFile(folder.appending(path: "adapter_model.safetensors"))
        } catch {
            throw ConversionError(error)
        }
        let type = json["peft_type"]?.string ?? "LORA"
        guard type == "LORA", json["use_dora"]?.bool != true else {
            throw ConversionError(
                .unsupported, "adapters of type \(json["use_dora"]?.bool == true ? "DoRA" : type) are not converted",
                at: "adapter_config.json")
        }
    }

    /// The GGUF adapter for models with the settings of `base` (a checkpoint of which only config.json is read), as the
    /// reference's convert_lora_to_gguf.py writes it; but rank-stabilized and per-layer scaling count, which it leaves
    /// out.
    public func converted(base: Checkpoint, to type: OutputType = .f32) throws(ConversionError) -> ConvertedModel {
        try converted(CheckpointModel(base, type))
    }

    /// The same for a base that is a GGUF file.
    public func converted(base: GGUFFile, to type: OutputType = .f32) throws(ConversionError) -> ConvertedModel {
        let settings = try ExportedSettings(ExportedModel(base)).configuration()
        let configuration = try CheckpointConfiguration(.object(settings))
        return try converted(CheckpointModel(Checkpoint(folder, configuration), type))
    }

    private func converted(_ model: CheckpointModel) throws(ConversionError) -> ConvertedModel {
        guard let alpha = settings["lora_alpha"]?.number, Float(alpha).isFinite else {
            throw ConversionError(.missing, "the setting is missing", at: "adapter_config.json, lora_alpha")
        }
        let tensors = try self.tensors(model, alpha).map { ($0.name, model.outputType($0.name, $0.weight), $0.weight) }
        guard !tensors.isEmpty else {
            throw ConversionError(.malformed, "the adapter changes nothing", at: file.url.lastPathComponent)
        }
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .string(model.architecture.name)
        metadata["general.type"] = .string("adapter")
        metadata["adapter.type"] = .string("lora")
        let parameters = SizeLabel.count(tensors.map { ($0.0, $0.2.shape) })
        try GeneralMetadata(
            folder: folder, configuration: try Checkpoint.json(named: "config.json", in: folder) ?? .null, parameters
        ).write(into: &metadata)
        metadata["adapter.lora.alpha"] = .float32(Float(alpha))
        let invocation = settings["alora_invocation_tokens"]?.array?.compactMap { $0.integer.flatMap(UInt32.init) }
        if let invocation, !invocation.isEmpty {
            metadata["adapter.alora.invocation_tokens"] = .array(GGUFArray(invocation))
        }
        metadata["general.quantization_version"] = .uint32(2)
        return try ConvertedModel(metadata: metadata, tensors, from: [file.url])
    }

    private func tensors(_ model: CheckpointModel, _ alpha: Double) throws(ConversionError) -> [NamedWeight] {
        var plain: [NamedWeight] = []
        var pairs: [(name: String, a: Weight?, b: Weight?)] = []
        var places: [ByteString: Int] = [:]
        for tensor in file.tensors.sorted(by: { ($0.offset, $0.bytes.count) < ($1.offset, $1.bytes.count) }) {
            let part = try AdapterPart(tensor.name)
            guard let name = model.architecture.filtered(part.name) else { continue }
            switch part.kind {
            case .whole:
                let whole = NamedWeight(name: name, weight: Weight(tensor))
                try whole.checkShape()
                plain += try model.architecture.converted(whole, model)
            case .base: continue
            case .a, .b:
                let place = places[ByteString(name)] ?? pairs.count
                if place == pairs.count {
                    places[ByteString(name)] = place
                    pairs.append((name, nil, nil))
                }
                if part.kind == .a { pairs[place].a = Weight(tensor) } else { pairs[place].b = Weight(tensor) }
            }
        }
        var (stacksA, stacksB) = (ExpertStacks(), ExpertStacks())
        var converted = plain
        for pair in pairs {
            guard let a = pair.a, let b = pair.b, a.shape.count == b.shape.count, a.shape.count >= 2,
                a.shape[a.shape.count - 2] == b.columns
            else {
                throw ConversionError(
                    .malformed,
                    "A and B of the adapter do not go together: \(pair.a?.shape ?? []), \(pair.b?.shape ?? [])",
                    at: "tensor \(pair.name)")
            }
            try NamedWeight(name: pair.name, weight: a).checkShape()
            try NamedWeight(name: pair.name, weight: b).checkShape()
            let scaled = b.scaled(by: Float(try factor(pair.name, rank: b.columns, alpha)))
            let partsA = try stacksA.collected(NamedWeight(name: pair.name, weight: a), model.configuration)
            let partsB = try stacksB.collected(NamedWeight(name: pair.name, weight: scaled), model.configuration)
            for (partA, partB) in zip(partsA, partsB) {
                // What is done to the rows of a weight is done to those of B; the columns, A's, stay.
                for result in try model.architecture.converted(partB, model) {
                    let isEmbedding = result.name == "token_embd.weight" && partA.weight.shape.count == 2
                    converted.append(
                        NamedWeight(
                            name: result.name + ".lora_a",
                            weight: isEmbedding ? partA.weight.transposed() : partA.weight))
                    converted.append(NamedWeight(name: result.name + ".lora_b", weight: result.weight))
                }
            }
        }
        try stacksB.checkComplete()
        return converted
    }

    /// What B is multiplied by so that alpha / rank is the right scale for it.
    private func factor(_ name: String, rank: Int, _ alpha: Double) throws(ConversionError) -> Double {
        let module = name.hasSuffix(".weight") ? String(name.dropLast(7)) : name
        var own = alpha
        for member in settings["alpha_pattern"]?.object ?? JSONObject() {
            // PEFT takes keys as regular expressions for the end of a module's name; what is plain text is compared as
            // such.
            guard module == member.key || module.hasSuffix("." + member.key) else { continue }
            guard let number = member.value.number else {
                throw ConversionError(
                    .malformed, "is no number", at: "adapter_config.json, alpha_pattern.\(member.key)")
            }
            own = number
        }
        guard alpha != 0 else { return 1 }
        let stabilized = settings["use_rslora"]?.bool == true ? Double(rank).squareRoot() : 1
        return own / alpha * stabilized
    }
}

/// What a tensor of a PEFT adapter is, by its name.
struct AdapterPart {
    enum Kind { case a, b, whole, base }

    let kind: Kind
    /// The name of the weight that it changes.
    let name: String

    /// Throws for what no LoRA adapter of ours holds.
    init(_ full: String) throws(ConversionError) {
        let plain = full.replacing("base_model.model.", with: "")
        let endings: [(String, Kind)] = [
            (".lora_A.weight", .a), (".lora_B.weight", .b), (".lora_embedding_A", .a), (".lora_embedding_B", .b),
            (".lora_A.default.weight", .a), (".lora_B.default.weight", .b),
        ]
        if let (ending, kind) = endings.first(where: { plain.hasSuffix($0.0) }) {
            (name, self.kind) = (plain.dropLast(ending.count) + ".weight", kind)
        } else if plain.hasSuffix(".base_layer.weight") {
            (name, kind) = (plain, .base)
        } else if plain.contains("_layernorm") || plain.contains(".norm") {
            // Adapters that are extracted from whole models bring their norms along.
            (name, kind) = (plain, .whole)
        } else {
            throw ConversionError(
                .unsupported, "is neither A nor B of a LoRA adapter", at: "tensor \(full)",
                advice: "Adapters with whole layers (modules_to_save, biases, DoRA) are not converted")
        }
    }
}
