/// A storage format: how the blocks of one element type turn into numbers.
///
/// A new format is one file with one conforming type, and one row in `FormatCatalog`. Decoding gives the bits that the
/// reference's `dequantize_row_*` (ggml-quants.c) gives: the order of multiplications is part of the format.
package protocol Format: SendableMetatype {
    static var type: ElementType { get }

    /// Decodes one block of `type.blockBytes` bytes to `type.blockSize` numbers; the input need not be aligned.
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>)

    /// Decodes whole blocks; `output` must have room for exactly their elements. Allocates nothing.
    static func decode(_ blocks: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>)
}

extension Format {
    /// The field's name: `Q4_K`.
    package static var name: String { type.name }

    package static var bitsPerWeight: Double { Double(type.blockBytes * 8) / Double(type.blockSize) }

    package static func decode(_ blocks: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<Float>) {
        let (size, bytes) = (type.blockSize, type.blockBytes)
        let count = blocks.count / bytes
        precondition(
            blocks.count % bytes == 0 && output.count == count * size,
            "\(blocks.count) bytes of \(name) for \(output.count) numbers")
        guard let input = blocks.baseAddress, let numbers = output.baseAddress else { return }
        let bytePointer = input.assumingMemoryBound(to: UInt8.self)
        for block in 0..<count {
            decodeBlock(bytePointer + block * bytes, numbers + block * size)
        }
    }
}

/// Little-endian fields at byte offsets of a block.
extension UnsafePointer<UInt8> {
    @inline(__always) func uint16(_ offset: Int) -> UInt16 {
        UnsafeRawPointer(self + offset).loadUnaligned(as: UInt16.self)
    }

    @inline(__always) func uint32(_ offset: Int) -> UInt32 {
        UnsafeRawPointer(self + offset).loadUnaligned(as: UInt32.self)
    }

    @inline(__always) func int8(_ offset: Int) -> Int8 { Int8(bitPattern: self[offset]) }

    /// A half-precision number, widened.
    @inline(__always) func half(_ offset: Int) -> Float { float(half: uint16(offset)) }
}
