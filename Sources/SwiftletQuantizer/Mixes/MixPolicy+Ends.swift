import SwiftletModelFiles
import SwiftletTensors

// The two ends of a model, and mixes that go by other criteria than the parts of a layer.
extension MixPolicy {
    func typeOfOutput(columns: Int) -> ElementType {
        if let outputType { return outputType }
        if fileType == .mxfp4_MOE || shape.isFalcon || columns % mainType.blockSize != 0 { return .q8_0 }
        switch fileType {
        case .iq1_S, .iq1_M, .iq2_XXS, .iq2_XS, .iq2_S, .iq2_M, .iq3_XXS: return .q5_K
        default: return mainType == .q8_0 ? .q8_0 : .q6_K
        }
    }

    /// Embeddings that are not the output too.
    var typeOfEmbedding: ElementType {
        switch fileType {
        case .iq1_S, .iq1_M, .iq2_XXS, .iq2_XS: .q2_K
        case .iq2_S, .iq2_M, .iq3_XXS: .iq3_S
        case .tq1_0, .tq2_0, .q2_0: .q4_K
        default: mainType
        }
    }

    /// Experts in four bits, all else in eight.
    func typeInMXFP4(_ tensor: GGUFTensor, _ category: TensorCategory) -> ElementType {
        let isExpert = tensor.dimensions.count > 2 && tensor.dimensions[2] > 1
        // Latent attention of this architecture has tensors of three dimensions that are no experts.
        let mayBeExpert =
            shape.architecture != "bailingmoe3"
            || [.feedForwardUp, .feedForwardGate, .feedForwardDown].contains(category)
        return isExpert && mayBeExpert ? .mxfp4 : .q8_0
    }

    /// Tensors of this architecture that do not bear fewer than eight bits.
    func typeInGLM5(_ name: String) -> ElementType? {
        guard shape.architecture == "glm5-next", mainType.isQuantized,
            ["attn_q_a", "attn_q_b", "nextn.eh_proj"].contains(where: name.contains(bytes:))
        else { return nil }
        return .q8_0
    }

    /// The mixes of one or two bits a weight.
    mutating func typeInLowBitMix(_ category: TensorCategory) -> ElementType {
        let isLarger = fileType == .iq2_S || fileType == .iq2_M
        switch category {
        case .attentionValue:
            valuesSeen += 1
            return shape.groupSize >= 4 || shape.experts >= 4 ? .q4_K : isLarger ? .iq3_S : .q2_K
        case .attentionKey where shape.experts == 8:
            return .q4_K
        case .feedForwardDown:
            defer { downsSeen += 1 }
            return downsSeen < shape.layers / 8 ? (isLarger ? .iq3_S : .q2_K) : mainType
        case .attentionOutput:
            if shape.experts == 8 { return .q5_K }
            if isLarger { return .iq3_S }
            return fileType == .iq1_S || fileType == .iq1_M ? .iq2_XXS : mainType
        default:
            return mainType
        }
    }
}
