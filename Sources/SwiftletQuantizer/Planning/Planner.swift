import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Works out a plan: order and names of the tensors, then their types, in the order of the written file.
struct Planner {
    let source: any TensorSource
    let options: QuantizationOptions
    let shape: ModelShape
    let pruning: LayerPruning
    /// The matrix, if any of it is in use.
    let importance: ImportanceMatrix?

    /// A tensor that stays, with its name in the written file.
    private struct Kept {
        let index: Int
        let tensor: GGUFTensor
        let name: String
    }

    init(_ source: some TensorSource, _ options: QuantizationOptions) throws {
        (self.source, self.options) = (source, options)
        var metadata = source.metadata
        for override in options.overrides { metadata[override.key] = override.value }
        if options.fileType == .copy, options.prunedLayers.isEmpty {
            // Copying asks nothing of the model, so whatever the reader can read can be copied.
            shape = (try? ModelShape(metadata)) ?? ModelShape(architecture: "", layers: 0, heads: 0, keyValueHeads: 0)
        } else {
            shape = try ModelShape(metadata)
        }
        pruning = try LayerPruning(options.prunedLayers, of: shape.layers)
        importance = options.importance.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The tensors of the written file, in its order: by layer, what is in none first, then by name (llama-model-loader.h,
    /// `weight_name_comparer`); with `keepsSplit` in the order of the source's files.
    mutating func tensors() throws -> [PlannedTensor] {
        let kept = orderedTensors()
        guard options.fileType != .copy, let mainType = options.fileType.mainType else {
            return try kept.map { try plan($0, type: $0.tensor.type, wanted: $0.tensor.type) }
        }
        var policy = MixPolicy(
            options.fileType, mainType: mainType, shape: shape, names: kept.map(\.name),
            hasImportance: importance != nil, outputType: options.outputType, embeddingType: options.embeddingType)
        let planned = try kept.map { kept in
            let renamed = try GGUFTensor(
                name: kept.name, type: kept.tensor.type, dimensions: kept.tensor.dimensions)
            let wanted = try wantedType(renamed, mainType, &policy)
            // What the user has named is not changed behind his back.
            let type = wanted.isFinal ? wanted.type : wanted.type.fitting(columns: renamed.columns)
            return try plan(kept, type: type, wanted: wanted.type)
        }
        try checkModel(of: planned)
        return planned
    }

    private func orderedTensors() -> [Kept] {
        let order = source.tensors.enumerated().map {
            (index: $0.offset, tensor: $0.element, key: ByteString($0.element.name))
        }
        .sorted { one, other in
            let (a, b) = (one.tensor.name.layerNumber ?? -1, other.tensor.name.layerNumber ?? -1)
            return a != b ? a < b : one.key < other.key
        }
        let kept = order.compactMap { item in
            pruning.name(of: item.tensor.name).map { Kept(index: item.index, tensor: item.tensor, name: $0) }
        }
        guard options.keepsSplit else { return kept }
        return kept.sorted {
            ($0.tensor.shard, $0.tensor.offset, $0.index) < ($1.tensor.shard, $1.tensor.offset, $1.index)
        }
    }

    /// The type that rules and mix want (llama-quant.cpp, `llama_tensor_get_type`); final if the user has named it, or the
    /// tensor keeps its own.
    private func wantedType(
        _ tensor: GGUFTensor, _ mainType: ElementType, _ policy: inout MixPolicy
    ) throws(QuantizerError) -> (type: ElementType, isFinal: Bool) {
        guard QuantizableTensors.contains(tensor, in: shape),
            !(options.leavesOutput && tensor.name == "output.weight")
        else { return (tensor.type, true) }
        let category = TensorCategory(tensor.name)
        let rule = options.tensorTypes.first { $0.fits(tensor.name) }
        if category == .tokenEmbedding, let type = options.embeddingType,
            rule == nil || tensor.name != "per_layer_token_embd.weight"
        {
            return (type, true)
        }
        if category == .output, let type = options.outputType { return (type, true) }
        guard mainType.isQuantized else { return (mainType, true) }
        if let rule { return (rule.type, false) }
        return (options.isPure ? mainType : try policy.type(of: tensor), false)
    }

    private func plan(_ kept: Kept, type: ElementType, wanted: ElementType) throws -> PlannedTensor {
        let place = "tensor \(kept.name)"
        guard kept.tensor.columns % type.blockSize == 0 else {
            throw QuantizerError(
                .option, "rows of \(kept.tensor.columns) make no whole \(type.name) blocks of \(type.blockSize)",
                at: place, advice: "Choose another type for it")
        }
        var factors: [Float]?
        if type != kept.tensor.type {
            try checkConvertible(kept.tensor, at: place)
            factors = try importance?.weights(for: kept.tensor)
        }
        return PlannedTensor(
            sourceIndex: kept.index, name: kept.name, dimensions: kept.tensor.dimensions,
            sourceType: kept.tensor.type, type: type, wantedType: wanted == type ? nil : wanted, importance: factors,
            lacksImportance: type != kept.tensor.type && factors == nil
                && type.needsImportance(for: kept.name, in: options.fileType),
            sourceBytes: kept.tensor.byteCount,
            bytes: try GGUFTensor(name: kept.name, type: type, dimensions: kept.tensor.dimensions).byteCount)
    }

    private func checkConvertible(_ tensor: GGUFTensor, at place: String) throws(QuantizerError) {
        switch tensor.type {
        case .f32, .f16, .bf16, .f64: return
        case .i8, .i16, .i32, .i64:
            throw QuantizerError(.model, "is of whole numbers (\(tensor.type.name)), which are no weights", at: place)
        default:
            guard options.allowsRequantizing else {
                throw QuantizerError(
                    .requantize, "is quantized already (\(tensor.type.name)), and would lose accuracy twice", at: place,
                    advice: "Start from an F16, BF16 or F32 file, or allow it with --allow-requantize")
            }
        }
    }

    /// A matrix that fits no tensor by name is of another model.
    private func checkModel(of tensors: [PlannedTensor]) throws(QuantizerError) {
        guard let importance, !tensors.contains(where: { importance.weights(named: $0.name) != nil }),
            !source.tensors.contains(where: { importance.weights(named: $0.name) != nil })
        else { return }
        throw QuantizerError(
            .importance, "none of its \(importance.count) entries has the name of a tensor of the model",
            at: importance.fileName,
            advice: "The importance matrix is of another model; make one of this model with `swiftlet imatrix`")
    }
}
