package import Foundation
import SwiftletGround
import SwiftletLibrary

/// The files of an audit log, all for their owner's eyes alone:
///
/// - `audit-000000000001.jsonl`, named after their first lines' numbers: the log;
/// - `head`: the number and hash of the last line that was written whole, so that a tail that is cut off is missed;
/// - `prompts-2026-11-21.jsonl`: texts, if they are kept, until their time is over;
/// - `lock`: held by the one server that writes.
package struct AuditFolder: Sendable {
    package let url: URL

    package init(_ url: URL) { self.url = url }

    var head: URL { url.appending(path: "head", directoryHint: .notDirectory) }
    var lock: URL { url.appending(path: "lock", directoryHint: .notDirectory) }

    /// The log's files in the order of their lines.
    package func files() throws(ServerError) -> [AuditFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false))
        } catch {
            throw ServerError(
                .audit, "cannot be read: \(error.localizedDescription)", at: url.path(percentEncoded: false),
                advice: "`swiftlet serve --audit FOLDER` writes an audit log")
        }
        return names.compactMap { AuditFile(name: $0, in: url) }.sorted { $0.first < $1.first }
    }

    func file(beginningWith number: Int) -> AuditFile { AuditFile(first: number, in: url) }

    /// The last line that was written whole; nil if nobody noted one.
    func notedHead() -> AuditLine.Link? {
        guard let data = try? Data(contentsOf: head), data.count < 1024 else { return nil }
        let words = String(decoding: data, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let number = Int(words[0]), number >= 0, words[1].utf8.count == 64 else { return nil }
        return AuditLine.Link(number: number, hash: String(words[1]))
    }

    static func text(ofHead link: AuditLine.Link) -> String {
        let number = String(link.number)
        return String(repeating: "0", count: max(0, 19 - number.utf8.count)) + number + " " + link.hash + "\n"
    }
}

/// One file of the log.
package struct AuditFile: Sendable {
    package let url: URL
    /// The number of its first line.
    package let first: Int

    package var name: String { url.lastPathComponent }

    init(first: Int, in folder: URL) {
        self.first = first
        let number = String(first)
        let digits = String(repeating: "0", count: max(0, 12 - number.utf8.count)) + number
        url = folder.appending(path: "audit-\(digits).jsonl", directoryHint: .notDirectory)
    }

    init?(name: String, in folder: URL) {
        guard name.hasPrefix("audit-"), name.hasSuffix(".jsonl"), let first = Int(name.dropFirst(6).dropLast(6)),
            first > 0
        else { return nil }
        self.init(first: first, in: folder)
        guard url.lastPathComponent == name else { return nil }
    }

    /// The file's lines, one after the other, without their breaks; the last one may have none.
    func lines(_ body: (_ line: Data, _ isWhole: Bool) throws -> Void) throws {
        let handle = try FileHandle(forReadingFrom: url)
        defer { try? handle.close() }
        var rest = Data()
        while let more = try handle.read(upToCount: 1 << 20), !more.isEmpty {
            rest.append(more)
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                try body(rest[rest.startIndex..<end], true)
                rest = rest[(end + 1)...]
            }
            rest = Data(rest)
            // No line of ours is as long: what is no log is not gathered whole.
            if rest.count > 16 * AuditLine.mostBytes {
                try body(rest.prefix(AuditLine.mostBytes), false)
                return
            }
        }
        if !rest.isEmpty { try body(rest, false) }
    }

    /// The last whole line, and how many bytes stand after it.
    func tail() throws -> (line: AuditLine?, torn: Int, size: Int) {
        let handle = try FileHandle(forReadingFrom: url)
        defer { try? handle.close() }
        let size = Int(try handle.seekToEnd())
        let length = min(size, 4 * AuditLine.mostBytes)
        try handle.seek(toOffset: UInt64(size - length))
        let data = try handle.read(upToCount: length) ?? Data()
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return (nil, size, size) }
        let start = data[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? data.startIndex
        return (AuditLine(Data(data[start..<end])), data.endIndex - end - 1, size)
    }
}
