package import Foundation
import SwiftletGround
import SwiftletLibrary

/// Appends to the log's last file; only one task at a time may use a copy of it.
package struct AuditWriter: Sendable {
    private let folder: AuditFolder
    private let fileBytes: Int
    private var last: AuditLine.Link
    private var file: Descriptor
    private var size: Int
    private let head: Descriptor

    /// Goes on where the log ends. Also tells what is not as it should be there, as records to add.
    static func open(_ folder: AuditFolder, _ options: AuditOptions) throws -> (AuditWriter, [AuditRecord]) {
        var found: [AuditRecord] = []
        let noted = folder.notedHead()
        var last = AuditLine.Link.origin
        var file = folder.file(beginningWith: 1)
        var size = 0
        if let newest = try folder.files().last {
            let tail = try newest.tail()
            file = newest
            size = tail.size - tail.torn
            if let line = tail.line {
                last = line.link
                if !line.isIntact { found.append(.gap("line \(last.number) was changed")) }
            } else {
                // An empty file follows the line before its first.
                last =
                    noted.flatMap { $0.number >= newest.first - 1 ? $0 : nil }
                    ?? AuditLine.Link(number: newest.first - 1, hash: AuditLine.Link.origin.hash)
            }
            if tail.torn > 0 {
                // The process ended while it wrote; nobody was told that this was written.
                try cut(newest.url, to: size)
                found.append(
                    .gap("\(tail.torn) bytes of a line that was not finished were removed after line \(last.number)"))
            }
        }
        if let noted, noted.number > last.number {
            found.append(.gap("lines \(last.number + 1) to \(noted.number) are missing"))
            // Numbers are never used twice.
            last = AuditLine.Link(number: noted.number, hash: noted.hash)
        }
        let writer = AuditWriter(
            folder: folder, fileBytes: options.fileBytes, last: last,
            file: try Descriptor(file.url, O_WRONLY | O_APPEND | O_CREAT), size: size,
            head: try Descriptor(folder.head, O_WRONLY | O_CREAT))
        return (writer, found)
    }

    private static func cut(_ url: URL, to size: Int) throws(ServerError) {
        let path = url.path(percentEncoded: false)
        guard truncate(path, off_t(size)) == 0 else { throw Descriptor.failure("cannot be cut", path) }
    }

    /// Appends records; all of them are there, or none.
    mutating func write(_ records: [AuditRecord]) throws(ServerError) {
        if size >= fileBytes { try rotate() }
        var (link, bytes) = (last, Data())
        for record in records {
            let line = AuditLine.bytes(record, after: link)
            bytes.append(line.bytes)
            link = line.link
        }
        do throws(ServerError) {
            try file.append(bytes)
        } catch {
            // What a full disk took of it must not stand there as a torn line.
            ftruncate(file.number, off_t(size))
            throw error
        }
        size += bytes.count
        last = link
        // After the lines: a head that is behind them is no loss.
        try head.overwrite(Data(AuditFolder.text(ofHead: link).utf8))
    }

    func synchronize() {
        fdatasync(file.number)
        fdatasync(head.number)
    }

    private mutating func rotate() throws(ServerError) {
        synchronize()
        let next = folder.file(beginningWith: last.number + 1)
        file = try Descriptor(next.url, O_WRONLY | O_APPEND | O_CREAT)
        size = 0
    }

    /// Removes files whose last lines are older than a date, never the last one; a record that tells so, if there were any.
    package static func removeFiles(of folder: AuditFolder, before date: Date) throws -> AuditRecord? {
        let files = try folder.files()
        var removed = 0
        for (file, next) in zip(files, files.dropFirst()) {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.url.path(percentEncoded: false))
            guard let modified = attributes[.modificationDate] as? Date, modified < date else { break }
            try FileManager.default.removeItem(at: file.url)
            removed = next.first - 1
        }
        guard removed > 0 else { return nil }
        var record = AuditRecord(.removed)
        record.note = "lines up to \(removed) are older than the log is kept"
        return record
    }
}

/// An open file.
final class Descriptor: Sendable {
    let number: Int32
    private let path: String

    /// Opens a file, or makes it, for its owner alone.
    init(_ url: URL, _ flags: Int32) throws(ServerError) {
        path = url.path(percentEncoded: false)
        number = open(path, flags | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw Self.failure("cannot be opened", path) }
    }

    deinit { close(number) }

    func append(_ bytes: Data) throws(ServerError) {
        let failure = bytes.withUnsafeBytes { Files.writeAll($0, to: number) }
        if let failure {
            errno = failure
            throw Self.failure("cannot be written", path)
        }
    }

    /// Puts bytes at the file's begin.
    func overwrite(_ bytes: Data) throws(ServerError) {
        let count = bytes.withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, 0) }
        guard count == bytes.count else { throw Self.failure("cannot be written", path) }
    }

    static func failure(_ problem: String, _ path: String) -> ServerError {
        ServerError(
            .audit, "\(problem): \(String(cString: strerror(errno)))", at: path,
            advice: "Free some space or mend the folder's rights; --audit names another one")
    }
}
