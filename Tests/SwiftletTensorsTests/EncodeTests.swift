import Foundation
import SwiftletTensors
import Testing

/// Encoding into every format against the reference's own bytes (conformance/quants).
@Suite struct EncodeTests {
    static let encoders: [any EncodableFormat.Type] = ElementType.allCases.compactMap(FormatCatalog.encoder(of:))
    static let columns = 1024

    /// By every instruction set's kernels, and by the encoders in Swift.
    @Test(.enabled(if: FormatTests.isPresent), arguments: [nil] + InstructionSet.available)
    func encodesToTheReferenceBytes(set: InstructionSet?) throws {
        let rows = try Self.numbers("input.f32")
        let importance = try Self.numbers("weights.f32")
        var compared: Set<String> = []
        for format in Self.encoders {
            for kind in ["plain", "imatrix"] {
                let file = FormatTests.folder.appending(path: "\(format.name).\(kind).bin")
                guard let expected = try? Data(contentsOf: file) else { continue }
                let bytes = Self.encode(
                    format, rows, columns: Self.columns, kind == "plain" ? nil : importance, set: set)
                let size = format.type.blockBytes
                let differences = Set(bytes.indices.filter { bytes[$0] != expected[$0] }.map { $0 / size })
                #expect(bytes.count == expected.count)
                #expect(
                    differences.isEmpty, "\(format.name).\(kind): \(differences.count) of \(bytes.count / size) blocks")
                compared.insert("\(format.name).\(kind)")
            }
        }
        #expect(compared.count == 49)
    }

    static func numbers(_ file: String) throws -> [Float] {
        try Data(contentsOf: FormatTests.folder.appending(path: file)).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        }
    }

    static func encode(
        _ format: any EncodableFormat.Type, _ rows: [Float], columns: Int, _ importance: [Float]? = nil,
        set: InstructionSet? = .best
    ) -> [UInt8] {
        let size = rows.count / format.type.blockSize * format.type.blockBytes
        return [UInt8](unsafeUninitializedCapacity: size) { output, count in
            rows.withUnsafeBufferPointer { rows in
                let bytes = UnsafeMutableRawBufferPointer(start: output.baseAddress, count: size)
                if let importance {
                    importance.withUnsafeBufferPointer { importance in
                        format.encode(rows, columns: columns, importance: importance, into: bytes, with: set)
                    }
                } else {
                    format.encode(rows, columns: columns, importance: nil, into: bytes, with: set)
                }
            }
            count = size
        }
    }
}
