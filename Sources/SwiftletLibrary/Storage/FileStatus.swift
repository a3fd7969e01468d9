package import Foundation

/// What the system tells of a file; equal as long as nobody changes or replaces it.
package struct FileStatus: Hashable, Sendable {
    package let size: Int
    /// Whether it is a file, not a folder or a device.
    package let isRegular: Bool
    /// Whether its group or everybody may read, or write, it.
    package let othersMayRead: Bool
    package let othersMayWrite: Bool
    private let node: UInt64
    private let mode: UInt32
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil if there is nothing at the path or it cannot be looked at; `errno` tells why.
    package init?(_ url: URL) {
        var status = stat()
        guard stat(url.path(percentEncoded: false), &status) == 0 else { return nil }
        #if os(macOS)
        let changed = status.st_ctimespec
        #else
        let changed = status.st_ctim
        #endif
        (size, node, mode) = (Int(status.st_size), UInt64(status.st_ino), UInt32(status.st_mode))
        isRegular = status.st_mode & S_IFMT == S_IFREG
        othersMayRead = status.st_mode & (S_IRGRP | S_IROTH) != 0
        othersMayWrite = status.st_mode & (S_IWGRP | S_IWOTH) != 0
        (seconds, nanoseconds) = (changed.tv_sec, changed.tv_nsec)
    }
}
