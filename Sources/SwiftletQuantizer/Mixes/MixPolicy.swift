import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Which type each tensor of a model gets under a file type: the reference's mixes (llama-quant.cpp,
/// `llama_tensor_get_type_impl`), which give more bits to what suffers most from few.
///
/// Some rules count the tensors of their kind, so tensors must come in the order of the file that is written.
struct MixPolicy {
    let fileType: FileType
    let mainType: ElementType
    let shape: ModelShape
    let hasImportance: Bool
    /// Whether the token embeddings are the output weights too.
    let hasTiedEmbeddings: Bool
    let outputType: ElementType?
    let embeddingType: ElementType?

    /// Value-like tensors of the model, and how many have come.
    let valueCount: Int
    var valuesSeen = 0
    var downsSeen = 0
    var gatesSeen = 0
    var upsSeen = 0

    /// `names` are those of all tensors that the file will have.
    init(
        _ fileType: FileType, mainType: ElementType, shape: ModelShape, names: [String], hasImportance: Bool,
        outputType: ElementType? = nil, embeddingType: ElementType? = nil
    ) {
        (self.fileType, self.mainType, self.shape) = (fileType, mainType, shape)
        (self.hasImportance, self.outputType, self.embeddingType) = (hasImportance, outputType, embeddingType)
        let categories = names.map(TensorCategory.init)
        valueCount = categories.count { $0 == .attentionValue }
        hasTiedEmbeddings = !categories.contains(.output)
    }

    /// The mix's type for the next tensor, which may still not fit its rows (`ElementType.fitting`).
    mutating func type(of tensor: GGUFTensor) throws(QuantizerError) -> ElementType {
        let category = TensorCategory(tensor.name)
        if let type = typeInGLM5(tensor.name) { return type }
        if category == .output || (hasTiedEmbeddings && category == .tokenEmbedding) {
            return typeOfOutput(columns: tensor.columns)
        }
        if fileType == .mxfp4_MOE { return typeInMXFP4(tensor, category) }
        if category == .tokenEmbedding { return embeddingType ?? typeOfEmbedding }
        if isLowBit { return typeInLowBitMix(category) }
        switch category {
        case .attentionValue:
            defer { valuesSeen += 1 }
            return typeOfValue
        case .attentionKey: return typeOfKey
        case .attentionQuery: return typeOfQuery
        case .attentionOutput: return typeOfAttentionOutput
        case .feedForwardDown:
            let layer = try layer(of: tensor, seen: downsSeen)
            downsSeen += 1
            return typeOfDown(layer)
        case .feedForwardGate:
            let layer = try layer(of: tensor, seen: gatesSeen)
            gatesSeen += 1
            return typeOfGateOrUp(layer)
        case .feedForwardUp:
            let layer = try layer(of: tensor, seen: upsSeen)
            upsSeen += 1
            return typeOfGateOrUp(layer)
        case .tokenEmbedding, .output, .other: return mainType
        }
    }

    /// Where experts have tensors of their own, these do not come layer by layer, and the name must tell the layer.
    private func layer(of tensor: GGUFTensor, seen: Int) throws(QuantizerError) -> Int {
        guard shape.experts > 1 else { return seen }
        guard let layer = tensor.name.layerNumber, layer < shape.layers else {
            throw QuantizerError(
                .model, "its name tells no layer below \(shape.layers)", at: "tensor \(tensor.name)",
                advice: "In a model with experts each feed-forward tensor is called blk.N.…")
        }
        return layer
    }

    /// Whether a layer is among the first eighth, the last eighth, or each third between: where more bits pay most.
    func deservesMoreBits(_ index: Int, of count: Int) -> Bool {
        index < count / 8 || index >= 7 * count / 8 || (index - count / 8) % 3 == 2
    }

    /// One or two bits a weight, where every part has rules of its own.
    var isLowBit: Bool {
        [.iq1_S, .iq1_M, .iq2_XXS, .iq2_XS, .iq2_S, .iq2_M].contains(fileType)
    }
}
