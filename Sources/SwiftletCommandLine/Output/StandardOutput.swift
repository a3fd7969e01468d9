import Foundation
import SwiftletGround

/// Standard output without a buffer of its own: what is written is out, and a full disk is an error.
enum StandardOutput {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes a text as UTF-8. A reader that has gone away ends the program quietly, as it ends `cat`.
    static func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    static func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    static func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let written = Foundation.write(STDOUT_FILENO, start, rest.count)
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EPIPE {
                // Whoever started us ignores SIGPIPE, which would have done the same.
                exit(128 + SIGPIPE)
            } else if errno != EINTR {
                throw CommandError(
                    .output, "cannot be written: \(String(cString: strerror(errno)))", at: "standard output")
            }
        }
    }
}
