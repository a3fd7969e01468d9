import SwiftletTensors

// The parts of a layer, in mixes of more than two bits a weight.
extension MixPolicy {
    var typeOfValue: ElementType {
        // With eight experts attention is a small share of the file.
        if shape.experts == 8 { return .q8_0 }
        let type = typeOfValueByMix
        // Here they are an eighth of the query weights: more bits cost next to nothing.
        return shape.is70B && (type == .q3_K || type == .q4_K) ? .q5_K : type
    }

    private var typeOfValueByMix: ElementType {
        let isShared = shape.groupSize >= 4
        switch fileType {
        case .q2_K: return isShared ? .q4_K : .q3_K
        case .q2_K_S, .iq3_XS, .iq3_S: return isShared ? .q4_K : mainType
        case .iq3_XXS: return isShared ? .q4_K : hasImportance ? .iq3_XXS : .iq3_S
        case .iq3_M: return .q4_K
        case .q3_K_M: return valuesSeen < 2 ? .q5_K : .q4_K
        case .q3_K_L: return .q5_K
        case .iq4_NL, .iq4_XS: return isShared ? .q5_K : mainType
        case .q4_K_M, .q5_K_M: return deservesMoreBits(valuesSeen, of: valueCount) ? .q6_K : mainType
        case .q4_K_S: return valuesSeen < 4 ? .q5_K : mainType
        default: return mainType
        }
    }

    var typeOfKey: ElementType { shape.experts == 8 ? .q8_0 : typeOfQuery }

    var typeOfQuery: ElementType {
        switch fileType {
        case .iq3_XS: .iq3_XXS
        case .iq3_XXS: .iq2_S
        default: mainType
        }
    }

    var typeOfAttentionOutput: ElementType {
        if shape.isFalcon { return fileType == .q3_K_L ? .q4_K : mainType }
        if shape.experts == 8 {
            switch fileType {
            case .q2_K, .q3_K_S, .q3_K_M, .q4_K_S, .q4_K_M, .iq3_XXS, .iq3_XS, .iq3_S, .iq3_M, .iq4_NL, .iq4_XS:
                return .q5_K
            default: return mainType
            }
        }
        switch fileType {
        case .q2_K: return .q3_K
        case .iq3_XXS: return .iq3_S
        case .q3_K_M, .iq3_M: return .q4_K
        case .q3_K_L: return .q5_K
        default: return mainType
        }
    }

    func typeOfDown(_ layer: Int) -> ElementType {
        let isEarly = layer < shape.layers / 8
        let isVeryEarly = layer < shape.layers / 16
        let hasMore = deservesMoreBits(layer, of: shape.layers)
        switch fileType {
        case .q2_K: return .q3_K
        case .q2_K_S: return isEarly ? .q4_K : mainType
        case .iq3_XXS: return hasImportance ? mainType : isEarly ? .q4_K : .q3_K
        case .q3_K_M: return isVeryEarly ? .q5_K : !shape.isFalcon || hasMore ? .q4_K : .q3_K
        case .iq3_M: return isEarly || (shape.experts == 8 && hasMore) ? .q4_K : mainType
        case .q3_K_L: return shape.isFalcon ? .q4_K : .q5_K
        case .q4_K_M:
            if shape.isFalcon { return isVeryEarly ? .q6_K : hasMore ? .q5_K : .q4_K }
            return hasMore ? .q6_K : mainType
        case .q5_K_M: return hasMore ? .q6_K : mainType
        case .iq4_NL, .iq4_XS: return isEarly && !hasImportance ? .q5_K : mainType
        case .q4_K_S: return isEarly && !shape.isFalcon ? .q5_K : mainType
        // With an importance matrix the first of these layers go wrong in blocks without a minimum.
        case .q4_0: return isEarly && hasImportance ? .q4_1 : mainType
        case .q5_0: return isEarly && hasImportance ? .q5_1 : mainType
        default: return mainType
        }
    }

    func typeOfGateOrUp(_ layer: Int) -> ElementType {
        let isInMiddle = layer >= shape.layers / 8 && layer < 7 * shape.layers / 8
        return fileType == .iq3_XS && isInMiddle ? .iq3_XXS : mainType
    }
}
