public import Foundation
public import SwiftletGround

/// A file's bytes, mapped read-only and never copied; unmapped with the object.
///
/// The file must not be cut short while it is mapped: the kernel answers a read past the new end with SIGBUS.
/// Swiftlet replaces files by rename only, which leaves mappings whole.
public final class MappedFile: @unchecked Sendable {
    // Sendable: immutable after init, and the mapping is read-only.

    public let url: URL
    public let bytes: UnsafeRawBufferPointer

    public init(_ url: URL) throws(TensorError) {
        self.url = url
        let path = url.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("cannot be opened", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure("cannot be read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TensorError(
                .cannotMap, "is not a regular file", at: path, advice: "Name a model file, not a folder or a device")
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
            throw Self.failure("cannot be mapped", path)
        }
        bytes = UnsafeRawBufferPointer(start: base, count: size)
    }

    /// Lets the kernel take back the memory of bytes that were read and will hardly be needed again; reading them again
    /// brings them back from the file.
    ///
    /// This keeps the resident size of a program that streams through a large file at what it works on.
    package func release(_ part: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, let start = part.baseAddress, !part.isEmpty else { return }
        precondition(start >= base && start + part.count <= base + bytes.count, "bytes outside of \(url)")
        // A fault maps pages around it too, at most those of a large folio of 2 MiB. Who reads beside these bytes faults
        // again, which costs less than keeping what nobody reads.
        let window = UInt(2 << 20)
        let whole = UInt(bitPattern: base)..<UInt(bitPattern: base) + UInt(bytes.count)
        let from = max(UInt(bitPattern: start) & ~(window - 1), whole.lowerBound)
        let to = min((UInt(bitPattern: start) + UInt(part.count) + window - 1) & ~(window - 1), whole.upperBound)
        guard let first = UnsafeMutableRawPointer(bitPattern: from) else { return }
        madvise(first, Int(to - from), Int32(MADV_DONTNEED))
    }

    deinit {
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }

    private static func failure(_ problem: String, _ path: String) -> TensorError {
        TensorError(.cannotMap, "\(problem): \(String(cString: strerror(errno)))", at: path)
    }
}
