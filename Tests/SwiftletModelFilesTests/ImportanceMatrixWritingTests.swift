import Foundation
import SwiftletGround
import SwiftletModelFiles
import Testing

@Suite struct ImportanceMatrixWritingTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "swiftlet-matrix-\(UUID())", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func withFile<Result>(_ name: String, _ body: (URL) throws -> Result) rethrows -> Result {
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.appending(path: name))
    }

    /// Two weights, one of them three experts of which the second saw nothing.
    private let matrix = ImportanceMatrixFile(
        entries: [
            .init(name: "blk.0.attn_q.weight", sums: [2, 4, 6, 8], counts: [20]),
            .init(name: "blk.0.ffn_up_exps.weight", sums: [3, 6, 0, 0, 5, 10], counts: [6, 0, 5]),
        ], datasets: ["a.txt", "é.txt"], chunkCount: 2, chunkSize: 10)

    /// The reference's own file, read and written, is the same bytes.
    @Test(.enabled(if: SharedData.isPresent)) func bytesAreTheReferences() throws {
        let original = SharedData.folder.appending(path: "conformance/files/smollm2.imatrix.gguf")
        let matrix = try ImportanceMatrixFile(original)
        try withFile("copy.gguf") { url in
            try matrix.write(to: url, form: .gguf)
            #expect(try Data(contentsOf: url) == Data(contentsOf: original))
        }
    }

    @Test func ggufHoldsEverything() throws {
        try withFile("m.gguf") { url in
            try matrix.write(to: url, form: .gguf)
            let read = try ImportanceMatrixFile(url)
            #expect(read.entries == matrix.entries)
            #expect((read.datasets, read.chunkCount, read.chunkSize) == (["a.txt", "é.txt"], 2, 10))
            #expect(try GGUFFile(url).tensors.map(\.dimensions) == [[4], [1], [2, 3], [1, 3]])
        }
    }

    /// The older form field by field: name, calls (rows in chunks, rounded up), values = mean x calls, chunks, dataset.
    @Test func olderFormIsTheReferences() throws {
        let bytes = try withFile("m.dat") { url in
            try matrix.write(to: url, form: .legacy)
            return try Data(contentsOf: url)
        }
        var expected = Data()
        func append(_ values: Int32...) { for value in values { withUnsafeBytes(of: value) { expected += $0 } } }
        func append(_ values: [Float]) { for value in values { withUnsafeBytes(of: value) { expected += $0 } } }
        append(2, 19)
        expected += Data("blk.0.attn_q.weight".utf8)
        append(2, 4)
        append([0.2, 0.4, 0.6, 0.8])
        append(24)
        expected += Data("blk.0.ffn_up_exps.weight".utf8)
        append(1, 6)
        append([0.5, 1, 1, 1, 1, 2])
        append(2, 6)
        expected += Data("é.txt".utf8)
        #expect(bytes == expected)
    }

    /// What a quantizer reads is the same from both forms, and back again.
    @Test func weightsSurviveTheOlderForm() throws {
        try withFile("m.dat") { url in
            try matrix.write(to: url, form: .legacy)
            var older = try ImportanceMatrixFile(url)
            #expect(older.form == .legacy && older.chunkCount == 2)
            for (a, b) in zip(matrix.entries, older.entries) {
                #expect(zip(matrix.weights(of: a), older.weights(of: b)).allSatisfy { abs($0 / $1 - 1) < 1e-6 })
            }
            older.chunkSize = 10
            let raw = older.asSums()
            #expect(raw.entries[0].counts == [20])
            #expect(zip(raw.entries[0].sums, matrix.entries[0].sums).allSatisfy { abs($0 / $1 - 1) < 1e-6 })
        }
    }

    @Test func mergingAddsUp() throws {
        var sum = matrix
        var other = matrix
        other.entries.append(.init(name: "blk.1.attn_q.weight", sums: [1], counts: [30]))
        try sum.merge(other)
        #expect(sum.entries[0].sums == [4, 8, 12, 16] && sum.entries[0].counts == [40])
        #expect(sum.entries[1].counts == [12, 0, 10])
        #expect(sum.entries.map(\.name).last == "blk.1.attn_q.weight")
        #expect(sum.chunkCount == 4 && sum.datasets.count == 4)
    }

    /// Older files have one count for all experts.
    @Test func oneCountStandsForAllExperts() throws {
        let one = ImportanceMatrixFile(
            entries: [.init(name: "blk.0.ffn_up_exps.weight", sums: [1, 1, 1, 1, 1, 1], counts: [7])], chunkSize: 10)
        var sum = one
        try sum.merge(matrix)
        #expect(sum.entries.first { $0.name.contains("exps") }?.counts == [13, 7, 12])
        var other = matrix
        try other.merge(one)
        #expect(other.entries.first { $0.name.contains("exps") }?.counts == [13, 7, 12])
    }

    @Test func matricesOfOtherShapesAreRefused() {
        var sum = matrix
        let other = ImportanceMatrixFile(entries: [.init(name: "blk.0.attn_q.weight", sums: [1, 2], counts: [1])])
        #expect(throws: ModelFileError.self) { try sum.merge(other) }
        var two = ImportanceMatrixFile(
            entries: [.init(name: "blk.0.ffn_up_exps.weight", sums: [1, 1, 1, 1, 1, 1], counts: [7, 7])])
        #expect(throws: ModelFileError.self) { try two.merge(matrix) }
    }

    /// No reader takes a file without entries.
    @Test func nothingIsNotWritten() {
        let unseen = ImportanceMatrixFile(entries: [.init(name: "blk.0.attn_q.weight", sums: [0, 0], counts: [0])])
        withFile("m.dat") { url in
            #expect(throws: ModelFileError.self) { try unseen.write(to: url, form: .legacy) }
            #expect(throws: ModelFileError.self) { try ImportanceMatrixFile().write(to: url, form: .gguf) }
            let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files?.isEmpty == true)
        }
    }

    /// A text, say, given by mistake: told at once, with what it is not.
    @Test func otherFilesAreRefused() throws {
        try withFile("text.txt") { url in
            try Data(String(repeating: "calibration text ", count: 50).utf8).write(to: url)
            let error = #expect(throws: ModelFileError.self) { try ImportanceMatrixFile(url) }
            #expect(error?.advice?.contains("no importance matrix") == true)
        }
    }

    /// Not after hours of work that it cannot be renamed to what is a folder.
    @Test func folderIsNoOutput() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let error = #expect(throws: ModelFileError.self) { try FileReplacement(folder) }
        #expect(error?.problem.contains("is a folder") == true)
    }

    /// Found by fuzzing: GGUF has no place for a weight without a name, so no reader found again what was written.
    @Test func entriesWithoutNamesAreRefused() throws {
        var bytes = Data()
        func append(_ values: Int32...) { for value in values { withUnsafeBytes(of: value) { bytes += $0 } } }
        append(1, 2)
        bytes += [0, 0]
        append(3, 1, 0)
        try withFile("m.dat") { url in
            try bytes.write(to: url)
            let error = #expect(throws: ModelFileError.self) { try ImportanceMatrixFile(url) }
            #expect(error?.place?.contains("entry 0") == true)
        }
    }

    /// Longer names than GGUF's cannot be written, and leave nothing.
    @Test func longNamesAreRefused() {
        let long = String(repeating: "x", count: 60)
        let matrix = ImportanceMatrixFile(entries: [.init(name: long, sums: [1], counts: [1])])
        withFile("m.gguf") { url in
            #expect(throws: ModelFileError.self) { try matrix.write(to: url, form: .gguf) }
            let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files?.isEmpty == true)
        }
    }
}
