public import Foundation
import SwiftletGround
import SwiftletTensors

extension ImportanceMatrixFile {
    /// Writes the matrix in the form `form`, all or nothing: the bytes are the reference's (tools/imatrix/imatrix.cpp).
    ///
    /// A matrix of the other form is converted, which needs its `chunkSize`. Throws if there is nothing to write, a name is too long for GGUF, a number too
    /// large for the older form, or the file cannot be written.
    public func write(to url: URL, form: Form) throws {
        switch form {
        case .gguf: try asSums().writeGGUF(to: url)
        case .legacy: try asSums().writeLegacy(to: url)
        }
    }

    /// The same matrix as raw sums and counts of rows, the content of the GGUF form.
    ///
    /// The older form holds means times calls; a call stands for a chunk, as the reference reads it.
    public func asSums() -> ImportanceMatrixFile {
        guard form == .legacy else { return self }
        var raw = self
        raw.form = .gguf
        let scale = Float(max(chunkSize, 1))
        for index in raw.entries.indices {
            raw.entries[index].sums = raw.entries[index].sums.map { $0 * scale }
            raw.entries[index].counts = raw.entries[index].counts.map { $0 * scale }
        }
        return raw
    }

    private var sortedEntries: [Entry] { entries.sorted { ByteString($0.name) < ByteString($1.name) } }

    private static var empty: ModelFileError {
        ModelFileError(.missing, "the importance matrix knows nothing of any weight, so there is nothing to write")
    }

    private func writeGGUF(to url: URL) throws {
        var metadata = GGUFMetadata()
        metadata["general.type"] = .string("imatrix")
        metadata[Key.datasets] = .array(datasets)
        metadata[Key.chunkCount] = .uint32(UInt32(clamping: chunkCount))
        metadata[Key.chunkSize] = .uint32(UInt32(clamping: chunkSize))
        var writer = try GGUFWriter(metadata: metadata)
        var data: [[Float]] = []
        let entries = sortedEntries.filter { !$0.sums.isEmpty && !$0.counts.isEmpty }
        guard !entries.isEmpty else { throw Self.empty }
        for entry in entries {
            // As the reference writes them, a single matrix has one dimension.
            let matrices = entry.counts.count
            let outer = matrices == 1 ? [] : [matrices]
            try writer.add(entry.name + Suffix.sums, type: .f32, dimensions: [entry.columns] + outer)
            try writer.add(entry.name + Suffix.counts, type: .f32, dimensions: [1] + outer)
            data += [entry.sums, entry.counts]
        }
        var next = data.makeIterator()
        try writer.write(to: url) { _, write in try next.next()?.withUnsafeBytes { try write($0) } }
    }

    private func writeLegacy(to url: URL) throws {
        // An entry that saw nothing would be read as if it knew something.
        let entries = sortedEntries.filter { $0.counts.contains { $0 > 0 } }
        guard !entries.isEmpty else { throw Self.empty }
        let size = Float(max(chunkSize, 1))
        var bytes: [UInt8] = []
        func append(_ value: Int) throws(ModelFileError) {
            guard let value = Int32(exactly: value) else {
                throw ModelFileError(
                    .unsupported, "\(value) is too large for the older form", advice: "Write the GGUF form")
            }
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        try append(entries.count)
        for entry in entries {
            try append(entry.name.utf8.count)
            bytes += Array(entry.name.utf8)
            let calls = ((entry.counts.max() ?? 0) / size).rounded(.up)
            guard calls.isFinite, let whole = Int(exactly: calls) else {
                throw ModelFileError(.malformed, "a count is no number", at: "entry \(entry.name)")
            }
            try append(whole)
            try append(entry.sums.count)
            for (index, sum) in entry.sums.enumerated() {
                // Experts that saw no row count as 1 for every column.
                let count = entry.counts[index / entry.columns]
                let value = count == 0 ? calls : sum / count * calls
                withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
        try append(chunkCount)
        let dataset = datasets.last ?? ""
        try append(dataset.utf8.count)
        bytes += Array(dataset.utf8)
        let file = try FileReplacement(url)
        try file.write(bytes)
        try file.commit()
    }
}
