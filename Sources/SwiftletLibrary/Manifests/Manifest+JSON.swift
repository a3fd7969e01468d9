package import Foundation
import SwiftletGround

extension Manifest {
    /// JSON with sorted keys and dates as `2026-11-21T04:00:00Z`.
    func json() throws(LibraryError) -> Data {
        do {
            return try JSONEncoder.library.encode(self)
        } catch {
            throw LibraryError(.manifest, "cannot be written as JSON", at: name, cause: error)
        }
    }

    /// Reads a manifest and checks everything in it that becomes a path or a number.
    init(json: Data, at place: String) throws(LibraryError) {
        let advice = "Remove it with `swiftlet rm`, then pull the model again; its blobs are reused"
        struct Head: Decodable { let version: Int }
        let head: Head
        do {
            head = try JSONDecoder.library.decode(Head.self, from: json)
        } catch {
            throw LibraryError(.manifest, "is not a manifest", at: place, advice: advice)
        }
        guard head.version == Self.currentVersion else {
            throw LibraryError(
                .manifest, "has version \(head.version), this Swiftlet reads \(Self.currentVersion)", at: place,
                advice: "Use the Swiftlet that wrote it, or pull the model again")
        }
        do {
            self = try JSONDecoder.library.decode(Self.self, from: json)
        } catch {
            throw LibraryError(.manifest, "lacks or mistypes a field", at: place, advice: advice, cause: error)
        }
        guard !files.isEmpty, files.count <= 10_000 else {
            throw LibraryError(.manifest, "names no files", at: place, advice: advice)
        }
        for file in files
        where file.sha256.utf8.count != 64 || !file.sha256.utf8.allSatisfy(\.isHexadecimal)
            || !ModelSource.isRelativePath(file.name[...]) || !(0...(1 << 50)).contains(file.size)
        {
            throw LibraryError(.manifest, "describes a file wrongly", at: place, advice: advice)
        }
    }
}

extension UInt8 {
    /// A lower-case hexadecimal digit.
    var isHexadecimal: Bool { (48...57).contains(self) || (97...102).contains(self) }
}

extension JSONEncoder {
    /// Sorted keys, dates as ISO 8601: the form of all JSON that the library writes.
    package static var library: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }
}

extension JSONDecoder {
    static var library: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
