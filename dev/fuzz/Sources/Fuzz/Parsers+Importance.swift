import Foundation
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors

extension Parsers {
    /// An importance matrix of either form: its weights, merged with itself, and written in both forms.
    static func importance(_ bytes: UnsafeRawBufferPointer) -> CInt {
        let buffer = AlignedBuffer(byteCount: bytes.count)
        buffer.bytes.copyMemory(from: bytes)
        guard
            let file = try? ImportanceMatrixFile(
                bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer, name: "fuzz.imatrix")
        else { return 0 }
        for entry in file.entries {
            precondition(file.weights(of: entry).count == entry.sums.count, "weights are lost")
        }
        _ = try? ImportanceMatrix(file, fileName: "fuzz.imatrix")
        var merged = file
        _ = try? merged.merge(file)
        for form in [ImportanceMatrixFile.Form.gguf, .legacy] {
            for matrix in [file, merged] where (try? matrix.write(to: matrixOutput, form: form)) != nil {
                do { _ = try ImportanceMatrixFile(matrixOutput) } catch {
                    fatalError("what was written cannot be read: \(error)")
                }
            }
        }
        return 0
    }

    private static let matrixOutput =
        InputFolder.made(InputFolder.root.appending(path: "output")).appending(path: "out.imatrix")
}
