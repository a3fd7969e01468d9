import SwiftletTensors

extension ElementType {
    /// This type, or the next that rows of so many columns can have: one with smaller blocks, else F16 (llama-quant.cpp,
    /// `tensor_type_fallback`).
    func fitting(columns: Int) -> ElementType {
        if columns % blockSize == 0 { return self }
        let smaller = withSmallerBlocks
        return columns % smaller.blockSize == 0 ? smaller : .f16
    }

    /// About as many bits in blocks of 32.
    private var withSmallerBlocks: ElementType {
        switch self {
        case .iq1_S, .iq1_M, .iq2_XXS, .iq2_XS, .iq2_S, .iq3_XXS, .iq3_S, .iq4_XS: .iq4_NL
        // The reference has no way out for Q1_0 and NVFP4 and gives up; four bits are what it takes for their neighbours.
        case .q1_0, .q2_0, .nvfp4, .q2_K, .q3_K, .tq1_0, .tq2_0: .q4_0
        case .q4_K: .q5_0
        case .q5_K: .q5_1
        case .q6_K: .q8_0
        default: self
        }
    }

    /// Whether the reference refuses to write a tensor in this type without importance weights, because the result would
    /// be worthless (llama-quant.cpp, `tensor_requires_imatrix`), or because its encoder cannot.
    func needsImportance(for name: String, in fileType: FileType) -> Bool {
        if FormatCatalog.encoder(of: self)?.requiresImportance == true { return true }
        switch TensorCategory(name) {
        case .tokenEmbedding, .output: return false
        default:
            switch self {
            case .iq1_S, .iq1_M, .iq2_XXS, .iq2_XS, .iq2_S, .iq3_XXS: return true
            case .q2_K: return fileType == .q2_K_S
            default: return false
            }
        }
    }
}
