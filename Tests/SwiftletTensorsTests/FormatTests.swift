import Foundation
import SwiftletTensors
import Testing

/// Decoding of all storage formats against the reference's own numbers (conformance/quants), bit by bit.
@Suite struct FormatTests {
    static let folder: URL = {
        let shared =
            ProcessInfo.processInfo.environment["SWIFTLET_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: #filePath).appending(path: "../../../../shared").standardized
        return shared.appending(path: "conformance/quants")
    }()
    static let isPresent = FileManager.default.fileExists(
        atPath: folder.appending(path: "index.json").path(percentEncoded: false))

    @Test func theCatalogueHasEveryElementTypeOnce() {
        #expect(FormatCatalog.formats.count == ElementType.allCases.count)
        for type in ElementType.allCases { #expect(FormatCatalog.format(of: type).type == type) }
    }

    @Test(.enabled(if: isPresent)) func decodesToTheReferenceBits() throws {
        var compared: Set<String> = []
        for format in FormatCatalog.formats {
            for kind in ["plain", "imatrix"] {
                let base = "\(format.name).\(kind)"
                guard let expected = try? Data(contentsOf: Self.folder.appending(path: "\(base).f32")) else { continue }
                let blocks = try Data(contentsOf: Self.folder.appending(path: "\(base).bin"))
                let decoded = Self.decode(format, blocks)
                let differences = expected.withUnsafeBytes { bytes in
                    decoded.indices.filter { index in
                        bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self) != decoded[index].bitPattern
                    }
                }
                #expect(expected.count == decoded.count * 4)
                #expect(differences.isEmpty, "\(base): \(differences.count) differ, the first at \(differences[0])")
                compared.insert(format.name)
            }
        }
        #expect(compared.count == 27)
    }

    @Test(.enabled(if: isPresent)) func decodesUnalignedBlocks() throws {
        for format in FormatCatalog.formats {
            guard let blocks = try? Data(contentsOf: Self.folder.appending(path: "\(format.name).plain.bin")) else {
                continue
            }
            let block = blocks.prefix(format.type.blockBytes)
            let aligned = Self.decode(format, block)
            for shift in 1..<4 {
                let buffer = AlignedBuffer(byteCount: shift + block.count)
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[shift...])
                part.copyBytes(from: block)
                var numbers = [Float](repeating: 0, count: format.type.blockSize)
                numbers.withUnsafeMutableBufferPointer { format.decode(UnsafeRawBufferPointer(part), into: $0) }
                #expect(numbers.map(\.bitPattern) == aligned.map(\.bitPattern), "\(format.name) shifted by \(shift)")
            }
        }
    }

    @Test func anyBytesDecodeWithoutATrap() {
        var generator = SystemRandomNumberGenerator()
        for format in FormatCatalog.formats {
            for pattern in [UInt8(0), 0x7F, 0x80, 0xFF] {
                _ = Self.decode(format, Data(repeating: pattern, count: format.type.blockBytes * 3))
            }
            for _ in 0..<50 {
                let bytes = (0..<format.type.blockBytes * 2).map { _ in UInt8.random(in: 0...255, using: &generator) }
                #expect(Self.decode(format, Data(bytes)).count == format.type.blockSize * 2)
            }
        }
    }

    @Test func wholeNumbersDecodeToThemselves() {
        func decoded<Number: FixedWidthInteger>(_ numbers: [Number], _ type: ElementType) -> [Float] {
            Self.decode(FormatCatalog.format(of: type), numbers.withUnsafeBytes { Data($0) })
        }
        #expect(decoded([Int8.min, -1, 0, .max], .i8) == [-128, -1, 0, 127])
        #expect(decoded([Int16.min, -1, 0, .max], .i16) == [-32768, -1, 0, 32767])
        #expect(decoded([Int32.min, -1, 0, 16_777_217], .i32) == [-2_147_483_648, -1, 0, 16_777_216])
        #expect(decoded([Int64.min, -1, 1 << 40], .i64) == [-0x1p63, -1, 0x1p40])
        let doubles = [1.5, -0.1, 1e300].withUnsafeBytes { Data($0) }
        #expect(Self.decode(FormatCatalog.format(of: .f64), doubles) == [1.5, -0.1, .infinity])
    }

    @Test func everyHalfHasItsExactValue() {
        for bits in UInt16.min...UInt16.max {
            let sign: Float = bits >> 15 == 0 ? 1 : -1
            let (exponent, mantissa) = (Int(bits >> 10 & 31), Float(bits & 1023))
            let value = float(half: bits)
            switch exponent {
            case 0: #expect(value == sign * mantissa * 0x1p-24)
            case 31 where mantissa == 0: #expect(value == sign * .infinity)
            case 31: #expect(value.isNaN)
            default:
                #expect(
                    value == sign * (1 + mantissa / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1))
            }
            #expect(value.isNaN || value.sign == (sign < 0 ? .minus : .plus))
        }
    }

    static func decode(_ format: any Format.Type, _ blocks: Data) -> [Float] {
        let count = blocks.count / format.type.blockBytes * format.type.blockSize
        var numbers = [Float](repeating: .nan, count: count)
        numbers.withUnsafeMutableBufferPointer { output in
            blocks.withUnsafeBytes { format.decode($0, into: output) }
        }
        return numbers
    }
}
