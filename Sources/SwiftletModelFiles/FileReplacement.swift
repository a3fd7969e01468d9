public import Foundation
public import SwiftletGround

/// Writes a file so that its real name never holds half of it: into a temporary file in the same folder, which `commit`
/// synchronizes and renames; without `commit` it is removed.
public final class FileReplacement {
    public let url: URL
    /// Bytes written so far.
    public private(set) var byteCount = 0

    private let temporary: String
    private var descriptor: Int32

    /// Creates the temporary file; throws if the folder is not there or not writable, or the name is a folder's.
    public init(_ url: URL) throws(ModelFileError) {
        self.url = url
        var status = stat()
        let path = url.path(percentEncoded: false)
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw ModelFileError(
                .cannotWrite, "is a folder, where a file is to be written", at: path, advice: "Name a file in it")
        }
        let name = ".swiftlet-\(String(UInt64.random(in: .min ... .max), radix: 16)).partial"
        temporary = url.deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.failure("cannot be created", temporary) }
    }

    deinit { discard() }

    /// Throws if the disk has no room for `byteCount` bytes now: better known before hours of work than after.
    public func checkRoom(for byteCount: Int) throws(ModelFileError) {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else { return }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard free.overflow || UInt64(byteCount) <= free.partialValue else {
            throw ModelFileError(
                .cannotWrite, "\(byteCount) bytes are needed, and the disk has \(free.partialValue) free",
                at: url.path(percentEncoded: false), advice: "Free some space on the disk, or choose another folder")
        }
    }

    /// Appends bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        precondition(descriptor >= 0, "a write after the end of the replacement of \(url)")
        var rest = bytes[...]
        while !rest.isEmpty {
            // One call takes at most 2 GiB.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            #if canImport(Darwin)
            let written = Darwin.write(descriptor, piece.baseAddress, piece.count)
            #else
            let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
            #endif
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Self.failure("cannot be written after \(byteCount) bytes", temporary) }
            byteCount += written
            rest = rest.dropFirst(written)
        }
    }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(ModelFileError) {
        do {
            try bytes.withUnsafeBytes { try write($0) }
        } catch let error as ModelFileError {
            throw error
        } catch {
            throw ModelFileError(.cannotWrite, "cannot be written", at: temporary, cause: error)
        }
    }

    /// Makes the file `byteCount` bytes long, zeros where nothing is written: for those who then write in places.
    package func extend(to byteCount: Int) throws(ModelFileError) {
        precondition(descriptor >= 0, "an extension after the end of the replacement of \(url)")
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw Self.failure("cannot be made \(byteCount) bytes long", temporary)
        }
        self.byteCount = byteCount
    }

    /// Writes bytes in a place that `extend` has made, from any thread; who writes where is the callers' affair.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ModelFileError) {
        precondition(descriptor >= 0 && offset >= 0 && offset + bytes.count <= byteCount, "a write beyond \(url)")
        var rest = bytes[...]
        var place = offset
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            let written = pwrite(descriptor, piece.baseAddress, piece.count, off_t(place))
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Self.failure("cannot be written at \(place)", temporary) }
            place += written
            rest = rest.dropFirst(written)
        }
    }

    /// Gives the file its name, once all bytes are on the disk; whatever had that name before is replaced.
    public func commit() throws(ModelFileError) {
        precondition(descriptor >= 0, "a second end of the replacement of \(url)")
        guard fsync(descriptor) == 0 else {
            throw Self.failure("cannot be synchronized", temporary)
        }
        let closed = close(descriptor)
        descriptor = -1
        let path = url.path(percentEncoded: false)
        guard closed == 0, rename(temporary, path) == 0 else {
            let failure = Self.failure("cannot get its name", path)
            unlink(temporary)
            throw failure
        }
        // The new name is safe once the folder is on the disk too; file systems that cannot do that are no reason to fail.
        let folder = open(url.deletingLastPathComponent().path(percentEncoded: false), O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Removes the temporary file; does nothing after `commit`.
    public func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlink(temporary)
    }

    private static func failure(_ problem: String, _ path: String) -> ModelFileError {
        let (number, text) = (errno, String(cString: strerror(errno)))
        let advice = number == ENOSPC ? "Free some space on the disk, or choose another folder" : nil
        return ModelFileError(.cannotWrite, "\(problem): \(text)", at: path, advice: advice)
    }
}
