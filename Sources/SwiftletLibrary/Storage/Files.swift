import Crypto
package import Foundation
import SwiftletGround

/// The few file operations that the library builds on, each with the system's own error.
package enum Files {
    /// Writes a whole small file so that either the old or the new one is there, whatever happens: temporary, fsync,
    /// rename, fsync of the folder.
    package static func writeAtomically(
        _ bytes: Data, to url: URL, mode: mode_t = 0o644
    ) throws(LibraryError) {
        let path = url.path(percentEncoded: false)
        let temporary = path + ".\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .storage("cannot be created", temporary, errno) }
        do throws(LibraryError) {
            defer { close(descriptor) }
            let failure = bytes.withUnsafeBytes { buffer in writeAll(buffer, to: descriptor) }
            if let failure { throw .storage("cannot be written", path, failure) }
            guard fsync(descriptor) == 0 else { throw .storage("cannot be written", path, errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        try rename(temporary, to: path)
    }

    /// Renames within the library and makes the new name last.
    static func rename(_ from: String, to path: String) throws(LibraryError) {
        guard Foundation.rename(from, path) == 0 else {
            let code = errno
            unlink(from)
            throw .storage("cannot be put in its place", path, code)
        }
        synchronizeFolder(of: path)
    }

    /// Asks the disk to remember the names in a folder; some file systems cannot, which loses nothing but speed.
    static func synchronizeFolder(of path: String) {
        let folder = open(URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false), O_RDONLY)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    /// Writes all bytes; returns the system's error number if that fails.
    package static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var rest = bytes
        while !rest.isEmpty {
            let written = write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return nil
    }

    package static func makeFolder(_ url: URL) throws(LibraryError) {
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw .storage("the folder cannot be created", url.path(percentEncoded: false), ENOSPC)
        } catch {
            throw LibraryError(
                .storage, "the folder cannot be created", at: url.path(percentEncoded: false),
                advice: "Check its owner and rights, or set SWIFTLET_HOME to another folder", cause: error)
        }
    }

    /// The size of a regular file; nil if there is none.
    static func size(_ url: URL) -> Int? {
        var status = stat()
        guard stat(url.path(percentEncoded: false), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Int(status.st_size)
    }

    static func isFolder(_ url: URL) -> Bool {
        var status = stat()
        return stat(url.path(percentEncoded: false), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The bytes free for this user on the disk of a folder; nil if the system does not say.
    static func freeSpace(_ folder: URL) -> Int? {
        var status = statvfs()
        guard statvfs(folder.path(percentEncoded: false), &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? nil : Int(clamping: bytes)
    }

    /// Throws `LibraryError.diskFull` unless so many bytes fit beside 16 MiB left for others.
    static func requireSpace(_ bytes: Int, in folder: URL) throws(LibraryError) {
        guard let free = freeSpace(folder), free < bytes.addingReportingOverflow(16 << 20).partialValue else { return }
        throw LibraryError(
            .diskFull, "\(bytes.asBytes) are needed, \(free.asBytes) are free", at: folder.path(percentEncoded: false),
            advice: "Free some space, or set SWIFTLET_HOME to a folder on a larger disk")
    }

    /// Feeds a file's bytes from an offset to its end into `hash`; returns how many bytes that were.
    @discardableResult
    static func hash(_ url: URL, from offset: Int = 0, into hash: inout SHA256) throws(LibraryError) -> Int {
        let path = url.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .storage("cannot be opened", path, errno) }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var total = 0
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset + total))
            if count < 0 {
                if errno == EINTR { continue }
                throw .storage("cannot be read", path, errno)
            }
            if count == 0 { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += count
        }
        return total
    }
}

extension Int {
    /// As people read it: "98.4 MB" (decimal units, as disks and download pages count).
    package var asBytes: String {
        guard self >= 1000 else { return "\(self) bytes" }
        var value = Double(self)
        var unit = 0
        let units = ["", "kB", "MB", "GB", "TB", "PB", "EB"]
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        let text = value < 9.95 ? String(format: "%.2f", value) : String(format: value < 99.95 ? "%.1f" : "%.0f", value)
        return "\(text) \(units[unit])"
    }
}
