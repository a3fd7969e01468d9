import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors
import Testing

@Suite struct ImportanceMatrixTests {
    @Test(.enabled(if: SharedData.isPresent)) func referenceFile() throws {
        let file = try ImportanceMatrixFile(SharedData.conformance("files/smollm2.imatrix.gguf"))
        #expect(file.form == .gguf)
        #expect(file.entries.count == 210)
        #expect(file.entries[0].name == "blk.0.attn_k.weight")
        #expect(file.entries[0].columns == 576)
        #expect(file.chunkCount > 0 && file.chunkSize > 0 && file.datasets.count == 1)
        let weights = file.weights(of: file.entries[0])
        #expect(weights.count == 576 && weights.allSatisfy { $0 > 0 && $0.isFinite })
        #expect(weights[3] == file.entries[0].sums[3] / file.entries[0].counts[0])
    }

    @Test func legacyFile() throws {
        let bytes = LegacyMatrix(
            entries: [("blk.1.x.weight", 4, [4, 8, 2]), ("blk.0.y.weight", 0, [5])], chunks: 7, dataset: "t.txt")
        let file = try bytes.read()
        #expect(file.form == .legacy)
        #expect(file.entries.map(\.name) == ["blk.0.y.weight", "blk.1.x.weight"])
        #expect(file.weights(of: file.entries[1]) == [1, 2, 0.5])
        #expect(file.weights(of: file.entries[0]) == [5])
        #expect(file.chunkCount == 7 && file.datasets == ["t.txt"])
        #expect(try LegacyMatrix(entries: [("w", 1, [1])]).read().chunkCount == 0)
    }

    @Test func expertsWithoutRowsCountAsOnes() {
        let file = ImportanceMatrixFile(entries: [.init(name: "w", sums: [2, 4, 9, 9], counts: [2, 0])])
        #expect(file.weights(of: file.entries[0]) == [1, 2, 1, 1])
    }

    /// No prefix and no changed byte of a file traps; cut files throw.
    @Test func damagedFiles() throws {
        let whole = LegacyMatrix(entries: [("blk.0.w", 3, [1, 2, 3])], chunks: 5, dataset: "d").bytes
        let end = whole.count - 13
        for length in 0..<end {
            #expect(throws: ModelFileError.self, "\(length) bytes") {
                try LegacyMatrix(bytes: Array(whole[..<length])).read()
            }
        }
        for place in whole.indices {
            for value in [0, 0x7F, 0x80, 0xFF] as [UInt8] {
                var bytes = whole
                bytes[place] = value
                _ = try? LegacyMatrix(bytes: bytes).read()
            }
        }
        #expect(throws: ModelFileError.self) { try LegacyMatrix(bytes: Array("GGUFxxxx".utf8)).read() }
    }

    @Test func filtersByName() throws {
        let file = ImportanceMatrixFile(
            entries: ["blk.0.attn_q", "blk.0.ffn_up", "blk.1.ffn_up"].map { .init(name: $0, sums: [1], counts: [1]) },
            datasets: ["one", "two"], chunkCount: 3)
        let some = try ImportanceMatrix(file, fileName: "m", including: ["ffn_up", "blk.1"])
        #expect(
            some.count == 2 && some.weights(named: "blk.0.attn_q") == nil && some.weights(named: "blk.1.ffn_up") == [1])
        let others = try ImportanceMatrix(file, fileName: "m", excluding: ["blk.1", "attn"])
        #expect(others.count == 1 && others.weights(named: "blk.0.ffn_up") != nil)
        #expect(others.dataset == "one" && others.chunkCount == 3)
        #expect(throws: QuantizerError.self) {
            try ImportanceMatrix(file, fileName: "m", including: ["a"], excluding: ["b"])
        }
    }

    @Test(arguments: [Float.nan, .infinity]) func factorsMustBeNumbers(_ factor: Float) {
        let file = ImportanceMatrixFile(entries: [.init(name: "w", sums: [1, factor], counts: [1])])
        #expect(throws: QuantizerError.self) { try ImportanceMatrix(file, fileName: "m") }
    }
}

/// Bytes of the older form.
struct LegacyMatrix {
    var bytes: [UInt8] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    init(entries: [(String, Int32, [Float])], chunks: Int32? = nil, dataset: String? = nil) {
        add(Int32(entries.count))
        for (name, calls, values) in entries {
            add(Int32(name.utf8.count))
            bytes += Array(name.utf8)
            add(calls)
            add(Int32(values.count))
            for value in values { add(value.bitPattern) }
        }
        if let chunks { add(chunks) }
        if let dataset {
            add(Int32(dataset.utf8.count))
            bytes += Array(dataset.utf8)
        }
    }

    private mutating func add(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    func read() throws(ModelFileError) -> ImportanceMatrixFile {
        let buffer = AlignedBuffer(byteCount: bytes.count)
        buffer.bytes.copyBytes(from: bytes)
        return try ImportanceMatrixFile(bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer, name: "m.dat")
    }
}
