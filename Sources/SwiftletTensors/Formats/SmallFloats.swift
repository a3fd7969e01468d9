/// The value of IEEE binary16 bits, exactly, subnormals too; NaN stays NaN.
///
/// Moving exponent and mantissa into place leaves the exponent's bias 112 too small; one exact multiplication by 2^112
/// corrects it and normalizes subnormals on the way. (Without the F16C instructions, which a Swift build for any x86-64
/// cannot assume, `Float(Float16)` is a library call.)
@inline(__always)
package func float(half bits: UInt16) -> Float {
    let wide = UInt32(bits)
    let magnitude = Float(bitPattern: (wide & 0x7FFF) << 13) * 0x1p112
    let special: UInt32 = wide & 0x7C00 == 0x7C00 ? 0x7F80_0000 : 0
    return Float(bitPattern: magnitude.bitPattern | special | (wide & 0x8000) << 16)
}

/// The value of bfloat16 bits: the upper half of a Float.
@inline(__always)
package func float(bfloat bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
}

/// Half of the value of an E8M0 scale (OCP Microscaling Formats 1.0): 2^(bits - 128), with the reference's subnormals for
/// 0 and 1; 255, the format's NaN, is not handled apart.
@inline(__always)
func halfFloat(e8m0 bits: UInt8) -> Float {
    Float(bitPattern: bits < 2 ? 0x0020_0000 << UInt32(bits) : UInt32(bits - 1) << 23)
}

/// Half of the value of an unsigned E4M3 scale, of 4 bits exponent (bias 7) and 3 bits mantissa, as NVFP4 has them; 0x7F,
/// the format's NaN, counts as zero.
@inline(__always)
func halfFloat(ue4m3 bits: UInt8) -> Float {
    if bits == 0x7F { return 0 }
    let exponent = UInt32(bits >> 3) & 15
    let mantissa = UInt32(bits & 7)
    if exponent == 0 { return Float(mantissa) * 0x1p-10 }
    return Float(bitPattern: (exponent + 119) << 23 | mantissa << 20)
}

/// A number in IEEE binary16, rounded to nearest even; too large becomes infinite, NaN a quiet NaN.
@inline(__always)
package func halfBits(_ x: Float) -> UInt16 {
    let bits = x.bitPattern
    let (sign, magnitude) = (bits >> 16 & 0x8000, bits & 0x7FFF_FFFF)
    let rest: UInt32
    if magnitude > 0x7F80_0000 {
        rest = 0x7E00
    } else if magnitude >= 0x477F_F000 {
        rest = 0x7C00
    } else if magnitude < 0x3880_0000 {
        // Subnormal halves are multiples of 2^-24: adding 0.5 leaves them in the low bits, rounded to nearest even.
        rest = (Float(bitPattern: magnitude) + 0.5).bitPattern - 0x3F00_0000
    } else {
        rest = (magnitude - 0x3800_0000 + 0xFFF + (magnitude >> 13 & 1)) >> 13
    }
    return UInt16(truncatingIfNeeded: sign | rest)
}

/// A number in bfloat16, rounded to nearest even; NaN a quiet NaN.
@inline(__always)
package func bfloatBits(_ x: Float) -> UInt16 {
    let bits = x.bitPattern
    if bits & 0x7FFF_FFFF > 0x7F80_0000 { return UInt16(bits >> 16) | 64 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
}

/// A positive number as an unsigned E4M3 scale, at most 448; halves go up (ggml-impl.h, `ggml_fp32_to_ue4m3`).
@inline(__always)
func ue4m3Bits(_ x: Float) -> UInt8 {
    guard x > 0 else { return 0 }
    let bits = min(x, 448).bitPattern
    let exponent = Int32(bits >> 23 & 255) - 120
    if exponent <= 0 { return UInt8(min(truncated(x * 512 + 0.5), 7)) }
    // A carry out of the mantissa goes up into the exponent.
    let rounded = exponent << 3 + Int32(bits >> 20 & 7) + Int32(bits >> 19 & 1)
    return rounded >= 15 << 3 ? 0x7E : UInt8(rounded)
}
