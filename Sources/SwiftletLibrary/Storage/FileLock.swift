package import Foundation
import SwiftletGround

/// An advisory lock on a file, between processes and between tasks of one; released with the object or the process.
package final class FileLock: @unchecked Sendable {
    // Sendable: the descriptor is set once and only closed, in deinit.

    private let descriptor: Int32
    private let url: URL

    private init(descriptor: Int32, url: URL) {
        self.descriptor = descriptor
        self.url = url
    }

    deinit {
        // Unlinked while still held: whoever waits sees that its file is no longer the one at the path, and opens anew.
        unlink(url.path(percentEncoded: false))
        close(descriptor)
    }

    /// The lock if nobody holds it, else nil.
    package static func tryLock(_ url: URL) throws(LibraryError) -> FileLock? {
        let path = url.path(percentEncoded: false)
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw .storage("cannot be opened", path, errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                if code == EWOULDBLOCK { return nil }
                if code == EINTR { continue }
                throw .storage("cannot be locked", path, code)
            }
            var mine = stat()
            var theirs = stat()
            if fstat(descriptor, &mine) == 0, stat(path, &theirs) == 0, mine.st_ino == theirs.st_ino {
                return FileLock(descriptor: descriptor, url: url)
            }
            close(descriptor)
        }
    }

    /// Waits for the lock, polling so that the wait can be cancelled; `onWait` is called once if it has to.
    static func lock(_ url: URL, onWait: () -> Void = {}) async throws -> FileLock {
        if let lock = try tryLock(url) { return lock }
        onWait()
        while true {
            try await Task.sleep(for: .milliseconds(50))
            if let lock = try tryLock(url) { return lock }
        }
    }

    /// Waits for a lock that is only ever held for moments.
    package static func lockBriefly(_ url: URL) throws(LibraryError) -> FileLock {
        for _ in 0..<6000 {
            if let lock = try tryLock(url) { return lock }
            usleep(5000)
        }
        throw LibraryError(
            .storage, "is held by another process for over half a minute", at: url.path(percentEncoded: false),
            advice: "End the other swiftlet process, then try again")
    }
}

extension Failure<LibraryDomain> {
    /// A failed system call on a path; a full disk (or quota, or file-size limit) has its own code.
    static func storage(_ problem: String, _ path: String, _ code: Int32) -> Self {
        let reason = String(cString: strerror(code))
        if code == ENOSPC || code == EDQUOT || code == EFBIG {
            return Self(
                .diskFull, "\(problem): \(reason)", at: path,
                advice: "Free some space, or set SWIFTLET_HOME to a folder on a larger disk, then try again")
        }
        return Self(.storage, "\(problem): \(reason)", at: path)
    }
}
