import Crypto
import Foundation
package import SwiftletGround

/// A line of the audit log as it is in its file: a JSON object that begins with its number and the hash of the line before,
/// and ends with its own hash, the SHA-256 of all the bytes before that field.
package struct AuditLine: Sendable {
    /// The number and hash of a line; the chain's end is one.
    package struct Link: Sendable, Hashable {
        package var number: Int
        package var hash: String

        package init(number: Int, hash: String) { (self.number, self.hash) = (number, hash) }

        /// What the first line follows.
        package static let origin = Link(number: 0, hash: String(repeating: "0", count: 64))
    }

    package let link: Link
    package let previous: String
    /// The record's fields.
    package let fields: JSONObject
    /// Whether the hash is that of the bytes.
    let isIntact: Bool
    /// The hash that the bytes have.
    let computed: String

    private static let mark = #","hash":""#
    private static let end = "\"}"

    /// The bytes of a record that follows `last`, with a line break, and its link.
    static func bytes(_ record: AuditRecord, after last: Link) -> (bytes: Data, link: Link) {
        var object = JSONObject()
        object["n"] = .integer(Int64(last.number + 1))
        object["previous"] = .string(last.hash)
        for member in record.json { object[member.key] = member.value }
        var text = JSONValue.object(object).text()
        text.removeLast()
        let hash = SHA256.hash(data: Data(text.utf8)).hexadecimal
        return (Data((text + mark + hash + end + "\n").utf8), Link(number: last.number + 1, hash: hash))
    }

    /// Reads a line without its break; nil if it has not the form of one.
    init?(_ bytes: Data) {
        let tail = Self.mark.utf8.count + 64 + Self.end.utf8.count
        guard bytes.count > tail, bytes.count <= Self.mostBytes,
            let object = (try? JSONValue(parsing: bytes, maximumDepth: 4))?.object,
            let number = object["n"]?.integer, number > 0, let previous = object["previous"]?.string,
            let hash = object["hash"]?.string, object.last?.key == "hash"
        else { return nil }
        let body = bytes.dropLast(tail)
        computed = SHA256.hash(data: body).hexadecimal
        let ending = Data((Self.mark + hash + Self.end).utf8)
        isIntact = computed == hash && bytes.suffix(tail) == ending
        link = Link(number: number, hash: hash)
        self.previous = previous
        var fields = object
        for name in ["n", "previous", "hash"] { fields[name] = nil }
        self.fields = fields
    }

    static let mostBytes = 1 << 16
}
