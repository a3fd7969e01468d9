import CSwiftletKernels

/// The C kernels of one instruction set; checks nothing, the operations do.
struct KernelTable: @unchecked Sendable {
    // Sendable: points to a constant table.

    let table: UnsafePointer<swl_kernels>

    init(_ set: InstructionSet) {
        guard let table = set.table else { preconditionFailure("this machine has no \(set.rawValue)") }
        self.table = table
    }

    static func kind(of type: ElementType) -> MatmulKind {
        switch swl_kind_of(type.rawValue) {
        case swl_kind_float: .float
        case swl_kind_bfloat: .bfloat
        case swl_kind_integer: .integer
        default: .decoded
        }
    }

    static let group = Int(SWL_GROUP)
    static let tile = Int(SWL_TILE)

    static func scratchBytes(tokens: Int) -> Int { swl_scratch_bytes(tokens) }
    static func quantizedBytes(tokens: Int, columns: Int) -> Int { swl_activations_bytes(tokens, columns) }
    static func roundedBytes(tokens: Int, columns: Int) -> Int { swl_rounded_bytes(tokens, columns) }
}

/// How the rows of a weight are multiplied.
enum MatmulKind {
    /// In int8 blocks with quantized activations.
    case integer
    /// As floats that the kernels read themselves.
    case float
    /// BF16, with activations rounded to BF16.
    case bfloat
    /// Decoded to F32 first.
    case decoded
}

extension KernelTable {
    func quantize(_ x: FloatMatrix, into memory: UnsafeMutableRawPointer, tile: Int) {
        var activations = swl_activations_at(memory, x.rows, x.columns)
        table.pointee.quantize(x.base, x.stride, &activations, tile)
    }

    /// A tile of rows of `x` as BF16.
    func round(_ x: FloatMatrix, into memory: UnsafeMutableRawPointer, tile: Int) {
        table.pointee.round(x.base, x.stride, x.rows, x.columns, tile, memory)
    }

    /// Some weight rows times all rows of `x`.
    func matmul(_ part: MatmulPart) {
        var activations = swl_activations()
        if let quantized = part.quantized {
            activations = swl_activations_at(quantized, part.tokens, part.columns)
        }
        withUnsafePointer(to: activations) { quantized in
            var call = swl_matmul(
                type: part.type.rawValue, weights: part.weights, row_bytes: part.rowBytes, rows: part.rows,
                columns: part.columns, tokens: part.tokens, quantized: quantized,
                floats: part.floats, scratch: part.scratch,
                output: part.output, output_stride: part.outputStride, rows_after: part.rowsAfter,
                floats_stride: part.floatsStride,
                rounded: part.rounded)
            table.pointee.matmul(&call)
        }
    }

    /// Up to 16 rows of a type that is not `.decoded`.
    func decode(
        _ type: ElementType, rows: UnsafePointer<UnsafeRawPointer?>, count: Int, columns: Int,
        into output: UnsafePointer<UnsafeMutablePointer<Float>?>, scratch: UnsafeMutableRawPointer
    ) {
        table.pointee.decode(type.rawValue, rows, count, columns, output, scratch)
    }
}

/// The arguments of `KernelTable.matmul`.
struct MatmulPart {
    var type: ElementType
    var weights: UnsafeRawPointer
    var rowBytes: Int
    var rows: Int
    var columns: Int
    var tokens: Int
    var quantized: UnsafeMutableRawPointer?
    var rounded: UnsafeMutableRawPointer?
    /// The activation rows themselves, for weights multiplied as floats.
    var floats: UnsafePointer<Float>
    var floatsStride: Int
    var scratch: UnsafeMutableRawPointer
    /// The first row's column of the output.
    var output: UnsafeMutablePointer<Float>
    var outputStride: Int
    /// Weight rows that follow these and will be wanted next.
    var rowsAfter: Int
}
