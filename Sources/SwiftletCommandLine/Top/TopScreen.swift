import Dispatch
import Foundation
import Synchronization

/// A screen of its own on the terminal, that leaves what was there when it ends.
final class TopScreen: Sendable {
    enum Event: Sendable {
        case key(Key)
        /// The terminal has another size, or the program goes on after a stop.
        case changed
    }

    /// Keys as they come, until the terminal goes away.
    let events: AsyncStream<Event>
    // Sendable: started by `init` and cancelled at the end, nothing else.
    private nonisolated(unsafe) let resized: any DispatchSourceSignal

    /// Takes the terminal on standard input and output.
    static func with(_ body: (TopScreen) async throws -> Void) async throws {
        TerminalMode.editing.activate()
        let screen = TopScreen()
        try StandardOutput.write("\u{1B}[?1049h\u{1B}[?25l")
        defer {
            screen.resized.cancel()
            try? StandardOutput.write("\u{1B}[?25h\u{1B}[?1049l")
            TerminalMode.original.activate()
        }
        try await body(screen)
    }

    private init() {
        let (events, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(64))
        self.events = events
        resized = DispatchSource.makeSignalSource(signal: SIGWINCH, queue: .global())
        resized.setEventHandler { continuation.yield(.changed) }
        resized.activate()
        // It waits for a key when the program ends.
        Thread.detachNewThread {
            var decoder = KeyDecoder()
            while true {
                var byte: UInt8 = 0
                let count = Foundation.read(STDIN_FILENO, &byte, 1)
                if count == 1 {
                    if let key = decoder.take(byte) { continuation.yield(.key(key)) }
                } else if count == 0 || errno != EINTR {
                    continuation.finish()
                    return
                }
            }
        }
    }

    /// Shows lines in place of what is there.
    func show(_ lines: [String]) throws {
        var text = "\u{1B}[H"
        for (index, line) in lines.enumerated() { text += (index > 0 ? "\r\n" : "") + line + "\u{1B}[K" }
        try StandardOutput.write(text + "\u{1B}[J")
    }

    /// Stops the program as Ctrl-Z does, and takes the terminal again when it goes on.
    func suspend() throws {
        try StandardOutput.write("\u{1B}[?25h\u{1B}[?1049l")
        TerminalMode.original.activate()
        raise(SIGSTOP)
        TerminalMode.editing.activate()
        try StandardOutput.write("\u{1B}[?1049h\u{1B}[?25l")
    }
}
