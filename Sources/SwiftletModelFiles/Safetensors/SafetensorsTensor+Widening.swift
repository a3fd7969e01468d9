public import SwiftletGround
import SwiftletTensors

extension SafetensorsTensor {
    /// All elements as Float, in row-major order; throws for C64 and the 6-bit floats, which have no use as weights yet.
    public func floats() throws(ModelFileError) -> [Float] {
        var failure: ModelFileError?
        let floats = [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            do throws(ModelFileError) {
                try widen(0..<elementCount, into: UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
                count = elementCount
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return floats
    }

    /// Some elements as Float, into room for exactly as many: floats exactly, but F64 rounded to the nearest; integers
    /// rounded to the nearest; booleans as 0 and 1. Throws for C64 and the 6-bit floats.
    public func widen(_ range: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) throws(ModelFileError) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= elementCount && output.count == range.count,
            "elements \(range) of \(shape) into \(output.count) floats")
        switch type {
        case .f32: each(range, output, UInt32.self) { Float(bitPattern: $0) }
        case .f16: each(range, output, UInt16.self) { float(half: $0) }
        case .bf16: each(range, output, UInt16.self) { float(bfloat: $0) }
        case .f64: each(range, output, UInt64.self) { Float(Double(bitPattern: $0)) }
        case .bool: each(range, output, UInt8.self) { $0 == 0 ? 0 : 1 }
        case .u8: each(range, output, UInt8.self) { Float($0) }
        case .i8: each(range, output, Int8.self) { Float($0) }
        case .u16: each(range, output, UInt16.self) { Float($0) }
        case .i16: each(range, output, Int16.self) { Float($0) }
        case .u32: each(range, output, UInt32.self) { Float($0) }
        case .i32: each(range, output, Int32.self) { Float($0) }
        case .u64: each(range, output, UInt64.self) { Float($0) }
        case .i64: each(range, output, Int64.self) { Float($0) }
        case .f8_E5M2: each(range, output, UInt8.self) { float(half: UInt16($0) << 8) }
        case .f8_E4M3: lookUp(range, output, ByteFloats.e4m3)
        case .f8_E4M3FNUZ: lookUp(range, output, ByteFloats.e4m3fnuz)
        case .f8_E5M2FNUZ: lookUp(range, output, ByteFloats.e5m2fnuz)
        case .f8_E8M0: lookUp(range, output, ByteFloats.e8m0)
        case .f4:
            // Two in a byte, the first in the low half, as PyTorch's float4_e2m1fn_x2 packs them.
            for (place, index) in range.enumerated() {
                output[place] = ByteFloats.e2m1[Int(bytes[index / 2] >> UInt8(index % 2 * 4) & 15)]
            }
        case .c64, .f6_E2M3, .f6_E3M2:
            throw ModelFileError(
                .unsupported, "elements of type \(type.rawValue) are not widened to Float", at: "tensor \(name)")
        }
    }

    @inline(__always)
    private func each<Stored: BitwiseCopyable>(
        _ range: Range<Int>, _ output: UnsafeMutableBufferPointer<Float>, _ stored: Stored.Type,
        _ widened: (Stored) -> Float
    ) {
        guard let input = bytes.baseAddress, let numbers = output.baseAddress else { return }
        let size = MemoryLayout<Stored>.size
        for place in 0..<range.count {
            numbers[place] = widened((input + (range.lowerBound + place) * size).loadUnaligned(as: stored))
        }
    }

    private func lookUp(_ range: Range<Int>, _ output: UnsafeMutableBufferPointer<Float>, _ table: [Float]) {
        for (place, index) in range.enumerated() { output[place] = table[Int(bytes[index])] }
    }
}

/// The values of all bytes, or half bytes, as small floats.
enum ByteFloats {
    /// OCP FP8 E4M3: bias 7, no infinity, NaN where all bits but the sign are set.
    static let e4m3: [Float] = (0...255).map { bits in
        bits & 0x7F == 0x7F ? .nan : value(bits, mantissaBits: 3, bias: 7)
    }
    /// E4M3 with bias 8; what would be -0 is the only NaN.
    static let e4m3fnuz: [Float] = (0...255).map { bits in
        bits == 0x80 ? .nan : value(bits, mantissaBits: 3, bias: 8)
    }
    /// E5M2 with bias 16; what would be -0 is the only NaN.
    static let e5m2fnuz: [Float] = (0...255).map { bits in
        bits == 0x80 ? .nan : value(bits, mantissaBits: 2, bias: 16)
    }
    /// Powers of two with bias 127 (OCP Microscaling Formats 1.0); 255 is NaN.
    static let e8m0: [Float] = (0...255).map { bits in
        bits == 255 ? .nan : Float(sign: .plus, exponent: bits - 127, significand: 1)
    }
    /// OCP FP4 E2M1.
    static let e2m1: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6]

    private static func value(_ bits: Int, mantissaBits: Int, bias: Int) -> Float {
        let exponent = (bits & 0x7F) >> mantissaBits
        let mantissa = Float(bits & (1 << mantissaBits - 1)) / Float(1 << mantissaBits)
        let magnitude =
            exponent == 0
            ? Float(sign: .plus, exponent: 1 - bias, significand: mantissa)
            : Float(sign: .plus, exponent: exponent - bias, significand: 1 + mantissa)
        return bits & 0x80 == 0 ? magnitude : -magnitude
    }
}
