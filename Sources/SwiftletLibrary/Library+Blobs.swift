import Crypto
import Foundation
public import SwiftletGround

extension Library {
    /// Whether the bytes of a SHA-256 are here.
    public func holdsBlob(_ sha256: String) -> Bool { Files.size(blob(sha256)) != nil }

    /// Begins to take in a file whose SHA-256 is known; nothing appears before its `finish`.
    ///
    /// A blob that no name comes to use goes with the next removal of what is unused. Throws `diskFull` if `size` is known and
    /// there is too little room.
    public func beginBlob(_ sha256: String, size: Int?) throws(LibraryError) -> BlobUpload {
        try prepare()
        if let size { try Files.requireSpace(size, in: home) }
        return try BlobUpload(sha256, stage: makeStage(), target: blob(sha256))
    }
}

/// A file on its way into the library. Used by one task at a time.
public final class BlobUpload: @unchecked Sendable {
    // Sendable: only the task that uploads uses it.

    private let sha256: String
    private let stage: LibraryStage
    private let target: URL
    private let path: String
    private var descriptor: Int32
    private var hash = SHA256()

    init(_ sha256: String, stage: LibraryStage, target: URL) throws(LibraryError) {
        (self.sha256, self.stage, self.target) = (sha256, stage, target)
        path = stage.url.appending(path: "upload", directoryHint: .notDirectory).path(percentEncoded: false)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .storage("cannot be created", path, errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Appends bytes; throws when the disk is full.
    public func write(_ bytes: some Collection<UInt8>) throws(LibraryError) {
        let bytes = Array(bytes)
        hash.update(data: bytes)
        if let failure = bytes.withUnsafeBytes({ Files.writeAll($0, to: descriptor) }) {
            throw .storage("cannot be written", path, failure)
        }
    }

    /// The bytes become the library's; throws `checksum` if they are not those that were promised.
    public func finish() throws(LibraryError) {
        let found = hash.finalize().hexadecimal
        guard found == sha256 else {
            throw LibraryError(
                .checksum, "the bytes have SHA-256 \(found)", at: "sha256:\(sha256)", advice: "Send the file again")
        }
        guard fsync(descriptor) == 0 else { throw .storage("cannot be written", path, errno) }
        chmod(path, 0o444)
        try Files.rename(path, to: target.path(percentEncoded: false))
    }
}

extension Library {
    /// Makes a model of blobs, with the names that its files are to have; the blobs stay.
    ///
    /// Throws `missingBlob` if one is not here, and `notAModel` if they are no model.
    @discardableResult
    public func adopt(
        blobs: [(name: String, sha256: String)], as name: ModelName
    ) throws(LibraryError) -> Manifest {
        let stage = try makeStage()
        defer { withExtendedLifetime(stage) {} }
        var urls: [URL] = []
        for file in blobs {
            let url = stage.url.appending(path: file.name, directoryHint: .notDirectory)
            // A second name for the same bytes: nothing is copied.
            guard link(blob(file.sha256).path(percentEncoded: false), url.path(percentEncoded: false)) == 0 else {
                let code = errno
                guard code == ENOENT else { throw .storage("cannot be linked", url.path(percentEncoded: false), code) }
                throw LibraryError(
                    .missingBlob, "is not here", at: "sha256:\(file.sha256)", advice: "Send it to /api/blobs first")
            }
            urls.append(url)
        }
        return try adopt(urls, as: name, source: "files")
    }
}
