public import Foundation
public import SwiftletGround
import SwiftletTensors

/// An importance matrix as files hold it: for each weight, how strongly each of its input columns was driven by a text.
///
/// Two forms exist (common/imatrix-loader.cpp of the reference): GGUF, and the older `.dat` without metadata.
public struct ImportanceMatrixFile: Sendable {
    /// What one weight's inputs summed up to.
    public struct Entry: Sendable, Equatable {
        /// The weight's name: `blk.0.attn_q.weight`.
        public var name: String
        /// `[matrices, columns]`: one matrix, or one an expert. In GGUF the sum of x² of each column; in the older form
        /// that sum divided by its count and multiplied by the number of calls.
        public var sums: [Float]
        /// For each matrix, how many rows (in the older form: calls) were summed up.
        public var counts: [Float]

        public init(name: String, sums: [Float], counts: [Float]) {
            (self.name, self.sums, self.counts) = (name, sums, counts)
        }

        /// Columns of each matrix.
        public var columns: Int { counts.isEmpty ? 0 : sums.count / counts.count }
    }

    public enum Form: Sendable { case gguf, legacy }

    public var form: Form
    /// The entries, by name in the order of bytes.
    public var entries: [Entry]
    /// Names of the texts that the matrix was computed on.
    public var datasets: [String]
    /// Chunks of text that were run; 0 if the file does not say.
    public var chunkCount: Int
    /// Tokens in a chunk; 0 if the file does not say.
    public var chunkSize: Int

    public init(
        form: Form = .gguf, entries: [Entry] = [], datasets: [String] = [], chunkCount: Int = 0, chunkSize: Int = 0
    ) {
        (self.form, self.entries, self.datasets) = (form, entries, datasets)
        (self.chunkCount, self.chunkSize) = (chunkCount, chunkSize)
    }

    /// Reads a file of either form; throws if it is neither, or holds no entries.
    public init(_ url: URL) throws(ModelFileError) {
        let file = try MappedFile.open(url)
        try self.init(bytes: file.bytes, owner: file, name: url.path(percentEncoded: false))
    }

    /// A file that is already in memory; `owner` keeps `bytes` alive.
    package init(bytes: UnsafeRawBufferPointer, owner: AnyObject, name: String) throws(ModelFileError) {
        do throws(ModelFileError) {
            if bytes.starts(with: GGUFHeader.magic) {
                try self.init(gguf: GGUFFile(bytes: bytes, owner: owner, name: name))
            } else {
                try self.init(legacy: bytes)
            }
        } catch {
            throw error.place?.hasPrefix(name) == true ? error : error.within(name)
        }
        entries.sort { ByteString($0.name) < ByteString($1.name) }
        guard !entries.isEmpty else {
            throw ModelFileError(
                .missing, "the file holds no entries", at: name, advice: "Name a file that `swiftlet imatrix` has made")
        }
    }

    /// The weights that an entry gives to the columns of its matrices, `[matrices, columns]`, with the reference's
    /// arithmetic (tools/quantize/quantize.cpp, `load_imatrix`): means; 1 for an expert that saw no row.
    public func weights(of entry: Entry) -> [Float] {
        switch form {
        case .legacy:
            guard let calls = entry.counts.first, calls > 0 else { return entry.sums }
            return entry.sums.map { $0 / calls }
        case .gguf:
            let columns = entry.columns
            var weights = entry.sums
            for (matrix, count) in entry.counts.enumerated() {
                for column in matrix * columns..<(matrix + 1) * columns {
                    weights[column] = count > 0 ? weights[column] / count : 1
                }
            }
            return weights
        }
    }
}
