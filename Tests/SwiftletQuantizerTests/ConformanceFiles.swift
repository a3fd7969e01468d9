import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletQuantizer

/// What conformance/files/smollm2.json says of the reference's files.
struct ConformanceFiles {
    struct Case: CustomStringConvertible, Sendable {
        struct Tensor: Sendable {
            let name: String
            let type: String
            /// The first hexadecimal digits.
            let hash: String
        }

        let fileType: String
        let usesMatrix: Bool
        let sha256: String
        let tensors: [Tensor]

        var description: String { "\(fileType)-\(usesMatrix ? "imatrix" : "plain")" }
    }

    let input: String
    let cases: [Case]

    static func load() -> ConformanceFiles? {
        guard let bytes = try? Data(contentsOf: SharedData.conformance("files/smollm2.json")),
            let root = try? JSONDecoder().decode([String: Entry].self, from: bytes), let input = root["input"]?.sha256
        else { return nil }
        var cases: [Case] = []
        for (name, entry) in root.sorted(by: { $0.key < $1.key }) {
            for (usesMatrix, file) in [(false, entry.plain), (true, entry.imatrix)] {
                guard let file else { continue }
                let tensors = file.order.map { Case.Tensor(name: $0.0, type: $0.1, hash: $0.2) }
                cases.append(
                    Case(fileType: name, usesMatrix: usesMatrix, sha256: file.file_sha256, tensors: tensors))
            }
        }
        return ConformanceFiles(input: input, cases: cases)
    }

    /// Under the bare name that the reference was given, which it writes into the file.
    static func matrix() throws -> ImportanceMatrix {
        let file = try ImportanceMatrixFile(SharedData.conformance("files/smollm2.imatrix.gguf"))
        return try ImportanceMatrix(file, fileName: "smollm2.imatrix.gguf")
    }

    private struct Entry: Decodable {
        let sha256: String?
        let plain: File?
        let imatrix: File?
    }

    private struct File: Decodable {
        let file_sha256: String
        let tensors: [String: [String]]

        var order: [(String, String, String)] {
            // In the order of a file: what is in no layer first, then by layer and name.
            tensors.map { ($0.key, $0.value[0], $0.value[1]) }.sorted {
                (Self.layer($0.0), $0.0) < (Self.layer($1.0), $1.0)
            }
        }

        private static func layer(_ name: String) -> Int {
            name.firstMatch(of: /^blk\.([0-9]+)\./).flatMap { Int($0.1) } ?? -1
        }
    }
}
