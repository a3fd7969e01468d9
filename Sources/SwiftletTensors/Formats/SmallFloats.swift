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
