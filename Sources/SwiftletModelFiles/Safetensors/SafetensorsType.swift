/// The element types of safetensors files; raw values are the format's names (safetensors 0.8, `Dtype`).
public enum SafetensorsType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case f4 = "F4", f6_E2M3 = "F6_E2M3", f6_E3M2 = "F6_E3M2"
    case u8 = "U8", i8 = "I8"
    case f8_E5M2 = "F8_E5M2", f8_E4M3 = "F8_E4M3", f8_E8M0 = "F8_E8M0"
    case f8_E4M3FNUZ = "F8_E4M3FNUZ", f8_E5M2FNUZ = "F8_E5M2FNUZ"
    case i16 = "I16", u16 = "U16", f16 = "F16", bf16 = "BF16"
    case i32 = "I32", u32 = "U32", f32 = "F32"
    case c64 = "C64", f64 = "F64", i64 = "I64", u64 = "U64"

    /// Bits that an element takes; elements of less than a byte are packed.
    public var bits: Int {
        switch self {
        case .f4: 4
        case .f6_E2M3, .f6_E3M2: 6
        case .bool, .u8, .i8, .f8_E5M2, .f8_E4M3, .f8_E8M0, .f8_E4M3FNUZ, .f8_E5M2FNUZ: 8
        case .i16, .u16, .f16, .bf16: 16
        case .i32, .u32, .f32: 32
        case .c64, .f64, .i64, .u64: 64
        }
    }
}
