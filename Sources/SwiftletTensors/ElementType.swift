/// How the numbers of a tensor are stored; raw values are GGML's type ids (ggml.h), as GGUF files carry them.
///
/// Block sizes and bytes a block are the type's layout; what decodes it is in `FormatCatalog`.
public enum ElementType: UInt32, CaseIterable, Sendable, Hashable {
    case f32 = 0, f16 = 1
    case q4_0 = 2, q4_1 = 3
    case q5_0 = 6, q5_1 = 7
    case q8_0 = 8
    case q2_K = 10, q3_K = 11, q4_K = 12, q5_K = 13, q6_K = 14
    case iq2_XXS = 16, iq2_XS = 17, iq3_XXS = 18, iq1_S = 19, iq4_NL = 20, iq3_S = 21, iq2_S = 22, iq4_XS = 23
    case i8 = 24, i16 = 25, i32 = 26, i64 = 27, f64 = 28
    case iq1_M = 29, bf16 = 30
    case tq1_0 = 34, tq2_0 = 35
    case mxfp4 = 39, nvfp4 = 40, q1_0 = 41, q2_0 = 42

    /// Elements in a block: rows are whole numbers of blocks.
    public var blockSize: Int { layout.elements }

    /// Bytes that a block takes.
    public var blockBytes: Int { layout.bytes }

    /// Bytes of `count` elements; `count` must be a whole number of blocks.
    public func bytes(elements count: Int) -> Int {
        precondition(count % blockSize == 0, "\(count) elements are no whole number of \(self) blocks of \(blockSize)")
        return count / blockSize * blockBytes
    }

    /// The field's name: `Q4_K`, `IQ2_XXS`, `BF16`.
    public var name: String { "\(self)".uppercased() }

    private var layout: (elements: Int, bytes: Int) {
        switch self {
        case .f32, .i32: (1, 4)
        case .f16, .bf16, .i16: (1, 2)
        case .f64, .i64: (1, 8)
        case .i8: (1, 1)
        case .q4_0, .iq4_NL: (32, 18)
        case .q4_1: (32, 20)
        case .q5_0: (32, 22)
        case .q5_1: (32, 24)
        case .q8_0: (32, 34)
        case .q2_K: (256, 84)
        case .q3_K, .iq3_S: (256, 110)
        case .q4_K: (256, 144)
        case .q5_K: (256, 176)
        case .q6_K: (256, 210)
        case .iq2_XXS: (256, 66)
        case .iq2_XS: (256, 74)
        case .iq2_S: (256, 82)
        case .iq3_XXS: (256, 98)
        case .iq1_S: (256, 50)
        case .iq1_M: (256, 56)
        case .iq4_XS: (256, 136)
        case .tq1_0: (256, 54)
        case .tq2_0: (256, 66)
        case .mxfp4: (32, 17)
        case .nvfp4: (64, 36)
        case .q1_0: (128, 18)
        case .q2_0: (64, 18)
        }
    }
}
