/// All storage formats; a new one is a row here.
package enum FormatCatalog {
    package static let formats: [any Format.Type] = [
        F32Format.self, F16Format.self, BF16Format.self, F64Format.self,
        I8Format.self, I16Format.self, I32Format.self, I64Format.self,
        Q4_0Format.self, Q4_1Format.self, Q5_0Format.self, Q5_1Format.self, Q8_0Format.self,
        Q1_0Format.self, Q2_0Format.self,
        Q2_KFormat.self, Q3_KFormat.self, Q4_KFormat.self, Q5_KFormat.self, Q6_KFormat.self,
        IQ1_SFormat.self, IQ1_MFormat.self,
        IQ2_XXSFormat.self, IQ2_XSFormat.self, IQ2_SFormat.self,
        IQ3_XXSFormat.self, IQ3_SFormat.self,
        IQ4_NLFormat.self, IQ4_XSFormat.self,
        TQ1_0Format.self, TQ2_0Format.self,
        MXFP4Format.self, NVFP4Format.self,
    ]

    /// The format of an element type; every type has one.
    package static func format(of type: ElementType) -> any Format.Type {
        guard let format = byType[type] else { preconditionFailure("FormatCatalog has no row for \(type.name)") }
        return format
    }

    private static let byType: [ElementType: any Format.Type] = Dictionary(
        uniqueKeysWithValues: formats.map { ($0.type, $0) })
}

extension TensorView {
    /// Decodes some rows into `output`, which must hold exactly `range.count * columns` numbers.
    package func decodeRows(_ range: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) {
        FormatCatalog.format(of: type).decode(rows(range).bytes, into: output)
    }

    /// All numbers of the tensor, decoded, in row-major order.
    package func decoded() -> [Float] {
        [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            FormatCatalog.format(of: type).decode(
                bytes, into: UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
            count = elementCount
        }
    }
}
