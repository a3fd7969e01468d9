// Roundings as the reference's: which one a format uses is part of its bytes. None traps, whatever the number.

/// The nearest whole number, ties to even, for |x| up to 2^22 (ggml-quants.c, `nearest_int`): adding 1.5 * 2^23 leaves it in
/// the low bits of the mantissa.
@inline(__always)
func nearest(_ x: Float) -> Int32 {
    Int32(bitPattern: (x + 12_582_912).bitPattern & 0x7F_FFFF) &- 0x40_0000
}

/// Toward zero, as the conversion of C on x86-64: what does not fit becomes the smallest number.
@inline(__always)
func truncated(_ x: Float) -> Int32 {
    x > -2_147_483_904 && x < 2_147_483_648 ? Int32(x) : .min
}

/// The nearest whole number, ties away from zero (C's `roundf`), then as `truncated`.
@inline(__always)
func roundedAway(_ x: Float) -> Int32 {
    truncated(x.rounded(.toNearestOrAwayFromZero))
}

/// The second if they do not compare, as C's usual macro.
@inline(__always)
func larger(_ a: Float, _ b: Float) -> Float { a > b ? a : b }

@inline(__always)
func clamp(_ x: Int32, _ low: Int32, _ high: Int32) -> Int32 { max(low, min(high, x)) }

extension UnsafeMutablePointer<UInt8> {
    /// Writes a little-endian field at a byte offset.
    @inline(__always) func set<Field: FixedWidthInteger>(_ offset: Int, _ field: Field) {
        UnsafeMutableRawPointer(self + offset).storeBytes(of: field.littleEndian, as: Field.self)
    }

    /// Writes a number in half precision and returns it so rounded.
    @inline(__always) @discardableResult func setHalf(_ offset: Int, _ x: Float) -> Float {
        let bits = halfBits(x)
        set(offset, bits)
        return float(half: bits)
    }
}
