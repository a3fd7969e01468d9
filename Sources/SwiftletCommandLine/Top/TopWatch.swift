import Foundation
import SwiftletGround

/// Looks at a server again and again.
struct TopWatch {
    let numbers: ServerNumbers
    let text: TopText
    let interval: Duration
    let asJSON: Bool

    /// Rates are those of so long a time, so that they do not flicker.
    private static let window = Duration.seconds(5)

    /// The numbers of one interval.
    func once(_ first: TopReading) async throws {
        try await Task.sleep(for: interval)
        let rates = TopRates(first, try await numbers.read())
        if asJSON { return try StandardOutput.write(rates.json(limit: text.limit).text() + "\n") }
        let columns = StandardOutput.isTerminal ? TerminalMode.size.columns : 200
        try StandardOutput.write(text.lines(rates, columns: columns).joined(separator: "\n") + "\n")
    }

    /// A line an interval, until the server goes.
    func lines(_ first: TopReading) async throws {
        var readings = [first]
        while true {
            try await Task.sleep(for: interval)
            let rates = next(try await numbers.read(), &readings)
            try StandardOutput.write((asJSON ? rates.json(limit: text.limit).text() : text.line(rates)) + "\n")
        }
    }

    /// The rates since the reading that began the window.
    private func next(_ reading: TopReading, _ readings: inout [TopReading]) -> TopRates {
        // A new server's numbers begin anew.
        if readings.last?.start != reading.start { readings = [] }
        while readings.count > 1, readings[1].time.duration(to: reading.time) >= Self.window { readings.removeFirst() }
        defer { readings.append(reading) }
        return TopRates(readings.first ?? reading, reading)
    }

    /// Draws until a key or a signal ends it; a server that does not answer may come back.
    func show(on screen: TopScreen, _ first: TopReading) async throws {
        let (frames, continuation) = AsyncStream<Frame>.makeStream(bufferingPolicy: .bufferingNewest(64))
        // Signals end it as keys do, so that the terminal becomes what it was.
        let interrupts = Interrupts(SIGINT, SIGTERM, SIGHUP)
        let looking = Task {
            var readings = [first]
            continuation.yield(.rates(TopRates(first, first)))
            while !Task.isCancelled {
                try await Task.sleep(for: interval)
                do {
                    continuation.yield(.rates(next(try await numbers.read(), &readings)))
                } catch {
                    continuation.yield(.trouble("\(error)"))
                }
            }
        }
        let typing = Task {
            for await event in screen.events { continuation.yield(.event(event)) }
            continuation.finish()
        }
        defer {
            looking.cancel()
            typing.cancel()
        }
        do {
            try await interrupts.cancelling { try await draw(frames, on: screen) }
        } catch is CancellationError {}
    }

    private enum Frame: Sendable {
        case rates(TopRates)
        case trouble(String)
        case event(TopScreen.Event)
    }

    private func draw(_ frames: AsyncStream<Frame>, on screen: TopScreen) async throws {
        var rates: TopRates?
        var trouble: String?
        for await frame in frames {
            switch frame {
            case .rates(let new): (rates, trouble) = (new, nil)
            case .trouble(let text): trouble = text
            case .event(.key(.interrupt)), .event(.key(.endOfFile)), .event(.key(.text("q"))): return
            case .event(.key(.suspend)): try screen.suspend()
            case .event: break
            }
            let size = TerminalMode.size
            var lines: [String] = []
            if let trouble { lines.append(TopText.fitted(["no answer: \(trouble)"], size.columns)) }
            if let rates { lines += text.lines(rates, columns: size.columns, rows: size.rows - lines.count) }
            try screen.show(lines)
        }
        try Task.checkCancellation()
    }
}
