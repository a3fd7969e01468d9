import Foundation
import Testing

/// A terminal of 60 x 20 with `swiftlet` in it, typed at by a test.
final class PseudoTerminal {
    let process: Process
    private let master: Int32
    private let slave: Int32
    private(set) var screen = ""

    init(_ arguments: [String], home: URL) throws {
        (master, slave) = try Self.open()
        var size = winsize(ws_row: 20, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        process = CommandRun.process(arguments, home: home)
        let terminal = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        (process.standardInput, process.standardOutput, process.standardError) = (terminal, terminal, terminal)
        try process.run()
    }

    /// Both ends of a new pseudo terminal.
    private static func open() throws -> (master: Int32, slave: Int32) {
        #if os(Linux)
        // Glibc's module does not show posix_openpt and its kin; these requests are what they make of (ioctl_tty(2)).
        let master = Foundation.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (unlocked, number) = (Int32(0), Int32(0))
        try #require(
            master >= 0 && ioctl(master, 0x4004_5431, &unlocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
        let name = "/dev/pts/\(number)"
        #else
        let master = posix_openpt(O_RDWR | O_NOCTTY)
        try #require(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
        let name = String(cString: try #require(ptsname(master)))
        #endif
        let slave = Foundation.open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(slave >= 0)
        return (master, slave)
    }

    deinit {
        if process.isRunning { process.terminate() }
        close(master)
        close(slave)
    }

    /// The terminal's settings, as the next program would find them.
    var flags: tcflag_t {
        var settings = termios()
        tcgetattr(slave, &settings)
        return settings.c_lflag
    }

    func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// Waits until the screen shows `text` after what was waited for before, and returns all up to its end.
    @discardableResult
    func wait(for text: String, seconds: Double = 60) throws -> String {
        let end = Date.now.addingTimeInterval(seconds)
        while true {
            if let found = screen.range(of: text) {
                defer { screen.removeSubrange(..<found.upperBound) }
                return String(screen[..<found.upperBound])
            }
            var poll = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            let left = end.timeIntervalSinceNow
            try #require(left > 0, "\"\(text)\" did not come; there is: \(screen)")
            guard isReadable(&poll, left) else { continue }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(master, &bytes, bytes.count)
            try #require(count > 0, "the terminal closed before \"\(text)\"; there is: \(screen)")
            screen += String(decoding: bytes[..<count], as: UTF8.self)
        }
    }

    /// Waits until the program ends, and returns its status.
    func end() throws -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

private func isReadable(_ descriptor: inout pollfd, _ seconds: Double) -> Bool {
    poll(&descriptor, 1, Int32(min(seconds, 1) * 1000)) > 0
}
