public import SwiftletGround

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

    /// Stops the program if the system has not that much; `init(checked:)` throws.
    public convenience init(byteCount: Int) {
        precondition(byteCount >= 0, "a buffer of \(byteCount) bytes")
        guard let base = Self.allocate(byteCount) else {
            preconditionFailure("no memory for a buffer of \(byteCount) bytes")
        }
        self.init(base, byteCount)
    }

    /// For sizes that come from outside; throws if the system has not that much.
    public convenience init(checked byteCount: Int) throws(TensorError) {
        guard byteCount >= 0, let base = Self.allocate(byteCount) else {
            throw TensorError(
                .outOfMemory, "the system has no memory for a buffer of \(byteCount) bytes",
                advice: "Close other programs, or use a smaller model or a shorter --context")
        }
        self.init(base, byteCount)
    }

    /// calloc of large sizes gets untouched zero pages, so memory counts only once it is used.
    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        let (padded, overflow) = byteCount.addingReportingOverflow(alignment)
        return overflow ? nil : calloc(1, padded)
    }

    private init(_ base: UnsafeMutableRawPointer, _ byteCount: Int) {
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
