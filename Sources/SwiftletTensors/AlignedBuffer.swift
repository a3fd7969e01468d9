#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Zeroed memory of fixed size at a 64-byte boundary; freed with the object.
public final class AlignedBuffer: @unchecked Sendable {
    // Sendable: the object itself never changes; who writes the memory orders the writes (a session, the worker pool's tasks).

    public static let alignment = 64

    public let bytes: UnsafeMutableRawBufferPointer

    public init(byteCount: Int) {
        precondition(byteCount >= 0, "a buffer of \(byteCount) bytes")
        // calloc of large sizes gets untouched zero pages, so memory counts only once it is used.
        let padded = byteCount + Self.alignment
        guard let base = calloc(1, padded) else { preconditionFailure("no memory for a buffer of \(byteCount) bytes") }
        allocation = base
        let offset = (Self.alignment - Int(bitPattern: base) % Self.alignment) % Self.alignment
        bytes = UnsafeMutableRawBufferPointer(start: base + offset, count: byteCount)
    }

    public convenience init<Element>(count: Int, of type: Element.Type) {
        self.init(byteCount: count * MemoryLayout<Element>.stride)
    }

    private let allocation: UnsafeMutableRawPointer

    deinit { free(allocation) }

    /// The memory as elements of one trivial type.
    public func elements<Element: BitwiseCopyable>(_ type: Element.Type) -> UnsafeMutableBufferPointer<Element> {
        bytes.bindMemory(to: type)
    }
}
