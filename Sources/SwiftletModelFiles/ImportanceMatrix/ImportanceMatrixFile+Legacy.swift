import SwiftletGround

/// The older form, all fields little-endian int32 or float32: the number of entries; for each the length of its name, the
/// name, the number of calls, the number of values, the values. Then, in newer files, the number of chunks, the length of
/// the dataset's name, and the name.
extension ImportanceMatrixFile {
    init(legacy bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        self.init(form: .legacy)
        var reader = ByteReader(bytes)
        let count = try Self.count(&reader, "the number of entries")
        guard count <= reader.remaining / Self.leastEntry else {
            throw Self.foreign("the number of entries is \(count), more than the file can hold", at: 0)
        }
        var found: [ByteString: Entry] = [:]
        for index in 0..<count {
            let name = try Self.text(&reader, "the name of entry \(index)")
            guard !name.isEmpty else {
                throw ModelFileError(.malformed, "has no name", at: "entry \(index)")
            }
            let calls = try reader.read(Int32.self, "the calls of entry \(name)")
            let values = try Self.count(&reader, "the number of values of entry \(name)")
            let data = try reader.take(values * 4, "the values of entry \(name)")
            let sums = (0..<values).map { data.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
            // Of two entries of one name the reference keeps the later.
            found[ByteString(name)] = Entry(name: name, sums: sums, counts: [Float(calls)])
        }
        entries = Array(found.values)
        guard reader.remaining >= 4 else { return }
        chunkCount = Int(try reader.read(Int32.self, "the number of chunks"))
        guard reader.remaining > 4 else { return }
        datasets = [try Self.text(&reader, "the name of the dataset")]
    }

    private static func count(_ reader: inout ByteReader, _ what: String) throws(ModelFileError) -> Int {
        let start = reader.offset
        let count = try reader.read(Int32.self, what)
        guard count > 0 else { throw foreign("\(what) is \(count)", at: start) }
        return Int(count)
    }

    /// Bytes of an entry without a name, of one value.
    private static var leastEntry: Int { 16 }

    private static func foreign(_ problem: String, at offset: Int) -> ModelFileError {
        ModelFileError(
            .unsupported, problem, at: "offset \(offset)",
            advice: "This is no importance matrix; name a file that `swiftlet imatrix` or llama-imatrix has made")
    }

    private static func text(_ reader: inout ByteReader, _ what: String) throws(ModelFileError) -> String {
        let start = reader.offset
        let length = try reader.read(Int32.self, "the length of \(what)")
        let bytes = try reader.take(Int(length), what)
        guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
            throw ModelFileError(.malformed, "\(what) is not UTF-8", at: "offset \(start)")
        }
        return text
    }
}
