import SwiftletGround
import SwiftletTensors

/// The GGUF form: for each weight the tensors `NAME.in_sum2` `[columns, matrices]` and `NAME.counts` `[1, matrices]`.
extension ImportanceMatrixFile {
    enum Key {
        static let datasets = "imatrix.datasets"
        static let chunkCount = "imatrix.chunk_count"
        static let chunkSize = "imatrix.chunk_size"
    }

    enum Suffix {
        static let sums = ".in_sum2"
        static let counts = ".counts"
    }

    init(gguf file: GGUFFile) throws(ModelFileError) {
        let metadata = file.metadata
        guard let datasets = try metadata.strings(ifPresent: Key.datasets),
            let chunkCount = try metadata.integer(ifPresent: Key.chunkCount),
            let chunkSize = try metadata.integer(ifPresent: Key.chunkSize)
        else {
            throw ModelFileError(
                .missing, "the file has no importance matrix: the keys imatrix.* are not all there",
                advice: "Name a file that `swiftlet imatrix` or llama-imatrix has made")
        }
        self.init(form: .gguf, datasets: datasets, chunkCount: chunkCount, chunkSize: chunkSize)
        for tensor in file.tensors {
            if let name = tensor.name.dropping(suffix: Suffix.counts) {
                guard file.tensor(named: name + Suffix.sums) != nil else { throw Self.mismatch(name) }
                continue
            }
            guard let name = tensor.name.dropping(suffix: Suffix.sums) else { continue }
            guard let counts = file.tensor(named: name + Suffix.counts),
                let sums = file.tensor(named: tensor.name)
            else { throw Self.mismatch(name) }
            guard sums.type == .f32, counts.type == .f32 else {
                throw ModelFileError(.wrongType, "sums and counts are not F32", at: "entry \(name)")
            }
            let matrices = counts.elementCount
            guard matrices > 0, sums.elementCount > 0, sums.elementCount % matrices == 0 else {
                throw ModelFileError(
                    .malformed, "\(sums.elementCount) sums do not divide into \(matrices) matrices", at: "entry \(name)"
                )
            }
            // Counts are whole numbers that this form stores as floats.
            entries.append(
                Entry(
                    name: name, sums: sums.decoded(),
                    counts: counts.decoded().map { $0.rounded(.toNearestOrAwayFromZero) })
            )
        }
    }

    private static func mismatch(_ name: String) -> ModelFileError {
        ModelFileError(.malformed, "has sums without counts, or counts without sums", at: "entry \(name)")
    }
}

extension String {
    /// The text before a suffix, compared byte by byte; nil without it.
    fileprivate func dropping(suffix: String) -> String? {
        guard utf8.count > suffix.utf8.count, utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) else {
            return nil
        }
        return String(utf8.dropLast(suffix.utf8.count))
    }
}
