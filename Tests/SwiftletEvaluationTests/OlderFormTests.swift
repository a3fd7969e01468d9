import Foundation
import SwiftletEvaluation
import SwiftletModelFiles
import Testing

/// The older form of importance matrices, byte for byte as llama-imatrix (llama.cpp 0.5.0, tools/imatrix) writes and reads
/// it; dev/notes/fuzz.md tells the commands.
@Suite(.enabled(if: Shared.isPresent)) struct OlderFormTests {
    private func digest(_ matrix: ImportanceMatrixFile, _ form: ImportanceMatrixFile.Form) throws -> String {
        let url = TestModel.folder.appending(path: "\(UUID()).imatrix")
        defer { try? FileManager.default.removeItem(at: url) }
        try matrix.write(to: url, form: form)
        return try DitheredModel.hash(of: url)
    }

    @Test func isWrittenAndReadAsTheReferenceDoes() throws {
        let matrix = try ImportanceMatrixFile(Shared.url("conformance/files/smollm2.imatrix.gguf"))
        // llama-imatrix --in-file smollm2.imatrix.gguf --output-format dat -o older.dat
        #expect(try digest(matrix, .legacy) == "1c0007258616ddaad9670e7796dd2373de75658b6aa1be0b567f80d19cc909d1")
        let url = TestModel.folder.appending(path: "older.dat")
        defer { try? FileManager.default.removeItem(at: url) }
        try matrix.write(to: url, form: .legacy)
        let older = try ImportanceMatrixFile(url)
        // llama-imatrix --in-file older.dat -c 512 -o newer.gguf
        let newer = try #require(try Evaluator.merged([older], chunkSize: 512))
        #expect(try digest(newer, .gguf) == "94ae137b3a0d233faa63686c908e450138580d1858c91cd002a33444d8f63718")
    }
}
