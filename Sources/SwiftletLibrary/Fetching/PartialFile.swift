import Crypto
import Foundation
import SwiftletGround

/// A download under way in `partial/`: the bytes so far, what is known of their source, and the lock of whoever works
/// on it. Whatever ends the process, the bytes stay for the next pull.
struct PartialFile: ~Copyable {
    let url: URL
    private let stateFile: URL
    private let lock: FileLock
    /// The running hash of the bytes in the file.
    private var hash = SHA256()
    private(set) var count = 0
    private var descriptor: Int32 = -1

    /// Opens the partial file of a key (a digest or an address), waiting for another pull that has it.
    static func open(key: String, in folder: URL, onWait: () -> Void) async throws -> PartialFile {
        let name = key.hasPrefix("sha256-") ? key : String(SHA256.hash(data: Data(key.utf8)).hexadecimal.prefix(32))
        let lock = try await FileLock.lock(folder.appending(path: "\(name).lock"), onWait: onWait)
        return try PartialFile(
            url: folder.appending(path: "\(name).data", directoryHint: .notDirectory),
            stateFile: folder.appending(path: "\(name).json", directoryHint: .notDirectory), lock: lock)
    }

    private init(url: URL, stateFile: URL, lock: FileLock) throws(LibraryError) {
        self.url = url
        self.stateFile = stateFile
        self.lock = lock
        let path = url.path(percentEncoded: false)
        descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .storage("cannot be opened", path, errno) }
        try refresh()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Reads the file anew: its bytes may come from an earlier pull, or were cut.
    mutating func refresh() throws(LibraryError) {
        hash = SHA256()
        count = try Files.hash(url, into: &hash)
        lseek(descriptor, off_t(count), SEEK_SET)
    }

    /// Takes in what another program has appended.
    mutating func takeInAppended() throws(LibraryError) {
        count += try Files.hash(url, from: count, into: &hash)
        lseek(descriptor, off_t(count), SEEK_SET)
    }

    /// What an earlier pull knew of the source.
    func saved<State: Decodable>(_ type: State.Type) -> State? {
        (try? Data(contentsOf: stateFile)).flatMap { try? JSONDecoder().decode(type, from: $0) }
    }

    func save(_ state: some Encodable) throws(LibraryError) {
        guard let bytes = try? JSONEncoder().encode(state) else { return }
        try Files.writeAtomically(bytes, to: stateFile)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(LibraryError) {
        if let failure = Files.writeAll(bytes, to: descriptor) {
            // Part of the bytes may be there: the hash must speak of the file as it is.
            try refresh()
            throw .storage("cannot be written", url.path(percentEncoded: false), failure)
        }
        hash.update(bufferPointer: bytes)
        count += bytes.count
    }

    mutating func truncate(to size: Int = 0) throws(LibraryError) {
        guard size < count else { return }
        guard ftruncate(descriptor, off_t(size)) == 0 else {
            throw .storage("cannot be cut", url.path(percentEncoded: false), errno)
        }
        try refresh()
    }

    #if os(Linux)
    /// An ioctl on the file with another descriptor as its argument.
    func control(_ request: UInt, _ argument: Int32) -> Int32 { ioctl(descriptor, request, argument) }
    #endif

    /// The SHA-256 of the bytes so far.
    var sha256: String { hash.finalize().hexadecimal }

    /// Makes the bytes last on the disk.
    func synchronize() throws(LibraryError) {
        guard fsync(descriptor) == 0 else {
            throw .storage("cannot be written", url.path(percentEncoded: false), errno)
        }
    }

    /// Removes the bytes (unless they were renamed away) and what is known of them.
    consuming func discard() {
        unlink(url.path(percentEncoded: false))
        unlink(stateFile.path(percentEncoded: false))
    }
}
