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

    deinit {
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }

    private static func failure(_ problem: String, _ path: String) -> TensorError {
        TensorError(.cannotMap, "\(problem): \(String(cString: strerror(errno)))", at: path)
    }
}
