import Foundation
import SwiftletGround
import SwiftletModelFiles

/// Where a matrix is written, and in which form.
struct ImatrixTarget: Sendable {
    let url: URL
    let format: ImatrixFormat

    func write(_ matrix: ImportanceMatrixFile) throws {
        try matrix.write(to: url, form: format == .dat ? .legacy : .gguf)
    }

    /// Throws if the file could not be written: better known before hours of work than after.
    func checkFolder() throws { try FileReplacement(url).discard() }

    /// What an interrupted run has left; throws if it was of another text or chunk size.
    static func begun(_ path: String, text: String, context: Int) throws -> ImportanceMatrixFile {
        let matrix = try ImportanceMatrixFile(URL(filePath: path))
        let advice = "Begin anew without --resume, or add to it with --in-file and --from-chunk"
        guard matrix.form == .gguf else {
            throw CommandError(.input, "the older form does not know where it stopped", at: path, advice: advice)
        }
        guard matrix.datasets.map({ ByteString($0) }) == [ByteString(text)] else {
            throw CommandError(
                .input, "was collected on \(matrix.datasets.joined(separator: ", "))", at: path, advice: advice)
        }
        guard matrix.chunkSize == context else {
            throw CommandError(.input, "was collected in chunks of \(matrix.chunkSize)", at: path, advice: advice)
        }
        return matrix
    }
}
