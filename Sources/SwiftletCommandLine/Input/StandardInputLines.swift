import Foundation
import SwiftletGround

/// The lines of standard input as bytes, as they come.
struct StandardInputLines {
    private var buffer: [UInt8] = []
    /// What of `buffer` has been given out.
    private var start = 0
    /// Where to look on for a line break.
    private var searched = 0
    private var atEnd = false

    /// Whether `next` may have to wait: what has been answered should be written before.
    mutating func wouldRead() -> Bool { !atEnd && lineBreak() == nil }

    /// The next line without its line break; nil at the end. Throws if standard input cannot be read.
    mutating func next() throws -> ArraySlice<UInt8>? {
        while true {
            if let end = lineBreak() {
                defer { start = end + 1 }
                return buffer[start..<end]
            }
            if atEnd {
                defer { start = buffer.count }
                return start < buffer.count ? buffer[start...] : nil
            }
            try fill()
        }
    }

    private mutating func lineBreak() -> Int? {
        let from = max(start, searched)
        guard let found = buffer[from...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = buffer.count
            return nil
        }
        searched = found
        return found
    }

    private mutating func fill() throws {
        buffer.removeFirst(start)
        searched -= start
        start = 0
        let size = 1 << 16
        let kept = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: size))
        var count = 0
        repeat {
            count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress! + kept, size) }
        } while count < 0 && errno == EINTR
        buffer.removeLast(size - max(count, 0))
        if count < 0 {
            throw CommandError(.input, "cannot be read: \(String(cString: strerror(errno)))", at: "standard input")
        }
        atEnd = count == 0
    }
}
