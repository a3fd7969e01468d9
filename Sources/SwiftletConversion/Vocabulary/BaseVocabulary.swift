import SwiftletGround

/// The vocabulary proper of a `tokenizer.json`, or of `vocab.json` and `merges.txt`: tokens with ids, and merges.
struct BaseVocabulary {
    let ids: [ByteString: Int]
    /// One more than the largest id.
    let count: Int
    /// "left right", the best first; spaces inside a token are spelled in the alphabet of bytes.
    let merges: [String]

    init(_ file: JSONValue) throws(ConversionError) {
        guard let vocabulary = file["model"]?["vocab"]?.object, !vocabulary.isEmpty else {
            throw ConversionError(.missing, "the vocabulary has no tokens", at: "tokenizer.json, model.vocab")
        }
        try self.init(vocabulary, merges: try Self.merges(file), place: "tokenizer.json, model.vocab")
    }

    init(_ vocabulary: JSONObject, merges: [String], place: String) throws(ConversionError) {
        var ids: [ByteString: Int] = [:]
        ids.reserveCapacity(vocabulary.count)
        var largest = -1
        for member in vocabulary {
            guard let id = member.value.integer, id >= 0, id < 4 * vocabulary.count + 65536 else {
                throw ConversionError(.malformed, "\"\(member.key.prefix(40))\" has no reasonable id", at: place)
            }
            ids[ByteString(member.key)] = id
            largest = max(largest, id)
        }
        (self.ids, count, self.merges) = (ids, largest + 1, merges)
    }

    private static func merges(_ file: JSONValue) throws(ConversionError) -> [String] {
        var merges: [String] = []
        for (index, item) in (file["model"]?["merges"]?.array ?? []).enumerated() {
            if let text = item.string {
                merges.append(text)
            } else if let left = item[0]?.string, let right = item[1]?.string {
                merges.append(left.replacing(" ", with: "Ġ") + " " + right.replacing(" ", with: "Ġ"))
            } else {
                throw ConversionError(
                    .malformed, "merge \(index) is not two tokens", at: "tokenizer.json, model.merges")
            }
        }
        return merges
    }

    /// The lines of a `merges.txt`.
    static func merges(lines text: String) -> [String] {
        var lines = text.split(whereSeparator: \.isNewline)[...]
        if lines.first?.hasPrefix("#") == true { lines.removeFirst() }
        return lines.compactMap { line in
            let parts = line.split(whereSeparator: \.isWhitespace)
            return parts.count == 2 ? "\(parts[0]) \(parts[1])" : nil
        }
    }

    /// One more than the largest id, added tokens among them; throws if that is out of all proportion.
    func count(with added: [AddedToken]) throws(ConversionError) -> Int {
        let largest = max(count - 1, added.map(\.id).max() ?? -1)
        guard largest < 4 * (ids.count + added.count) + 65536 else {
            throw ConversionError(.malformed, "the id \(largest) is out of all proportion", at: "added_tokens")
        }
        return largest + 1
    }

    /// For each token that merges make, the place of the first of them.
    func mergeRanks() throws(ConversionError) -> [ByteString: Int] {
        var ranks: [ByteString: Int] = [:]
        for (rank, merge) in merges.enumerated() {
            // By bytes: before an accent, a space is no Character of its own.
            let merged = ByteString(String(decoding: merge.utf8.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self))
            if ranks[merged] == nil { ranks[merged] = rank }
        }
        return ranks
    }
}
