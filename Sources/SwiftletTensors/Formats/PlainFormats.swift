// One number a block, as it is: IEEE floats, bfloat16, and two's-complement integers, which round to the nearest Float.

enum F32Format: EncodableFormat {
    static let type = ElementType.f32

    static func firstBrokenBlock(_ blocks: UnsafeRawBufferPointer) -> Int? {
        firstBlock(blocks) { $0.uint32(0) & 0x7F80_0000 == 0x7F80_0000 }
    }

    static func encode(
        _ rows: UnsafeBufferPointer<Float>, columns: Int, importance: UnsafeBufferPointer<Float>?,
        into output: UnsafeMutableRawBufferPointer, with instructionSet: InstructionSet?
    ) {
        EncodingCheck.shapes(type, rows, columns: columns, importance: importance, output)
        output.copyMemory(from: UnsafeRawBufferPointer(rows))
    }

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        output[0] = Float(bitPattern: block.uint32(0))
    }
}

enum F16Format: EncodableFormat {
    static let type = ElementType.f16
    static let halfOffsets = [0]

    static func encode(
        _ rows: UnsafeBufferPointer<Float>, columns: Int, importance: UnsafeBufferPointer<Float>?,
        into output: UnsafeMutableRawBufferPointer, with instructionSet: InstructionSet?
    ) {
        EncodingCheck.shapes(type, rows, columns: columns, importance: importance, output)
        guard let numbers = rows.baseAddress, let bytes = output.baseAddress else { return }
        if let instructionSet,
            KernelTable(instructionSet).encode(
                type, numbers, blocks: rows.count, importance: nil, rowBlocks: columns, to: bytes)
        {
            return
        }
        for i in rows.indices {
            bytes.storeBytes(of: halfBits(rows[i]).littleEndian, toByteOffset: i * 2, as: UInt16.self)
        }
    }

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        output[0] = block.half(0)
    }
}

enum BF16Format: EncodableFormat {
    static let type = ElementType.bf16

    static func firstBrokenBlock(_ blocks: UnsafeRawBufferPointer) -> Int? {
        firstBlock(blocks) { $0.uint16(0) & 0x7F80 == 0x7F80 }
    }

    static func encode(
        _ rows: UnsafeBufferPointer<Float>, columns: Int, importance: UnsafeBufferPointer<Float>?,
        into output: UnsafeMutableRawBufferPointer, with instructionSet: InstructionSet?
    ) {
        EncodingCheck.shapes(type, rows, columns: columns, importance: importance, output)
        guard let bytes = output.baseAddress else { return }
        for i in rows.indices {
            bytes.storeBytes(of: bfloatBits(rows[i]).littleEndian, toByteOffset: i * 2, as: UInt16.self)
        }
    }

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        output[0] = float(bfloat: block.uint16(0))
    }
}

enum F64Format: Format {
    static let type = ElementType.f64

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        output[0] = Float(UnsafeRawPointer(block).loadUnaligned(as: Double.self))
    }
}

enum I8Format: Format {
    static let type = ElementType.i8

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        output[0] = Float(block.int8(0))
    }
}

enum I16Format: Format {
    static let type = ElementType.i16

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        output[0] = Float(Int16(bitPattern: block.uint16(0)))
    }
}

enum I32Format: Format {
    static let type = ElementType.i32

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        output[0] = Float(Int32(bitPattern: block.uint32(0)))
    }
}

enum I64Format: Format {
    static let type = ElementType.i64

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        output[0] = Float(UnsafeRawPointer(block).loadUnaligned(as: Int64.self))
    }
}
