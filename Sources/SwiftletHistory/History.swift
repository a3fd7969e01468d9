package import Foundation
package import Logging
import Synchronization

/// Keeps what requests took: a request only puts its numbers into a list, which goes to the file once a second.
///
/// The server goes on whatever the file is like: a damaged one is set aside, and what cannot be written waits.
package final class History: Sendable {
    private let options: HistoryOptions
    private let logger: Logger
    private let state = Mutex(State())
    /// Open from the first use on.
    private let file = Mutex<HistoryFile?>(nil)
    /// The only one that uses the file: disks make one wait.
    private let queue = DispatchQueue(label: "swiftlet-history", qos: .utility)

    private struct State {
        var waiting: [RequestEntry] = []
        var lost = 0
        var isTold = false
    }

    /// Most entries that wait for a file that cannot be written.
    private static let capacity = 20_000

    /// The file is opened when something is written.
    package init(_ options: HistoryOptions, logger: Logger) { (self.options, self.logger) = (options, logger) }

    /// Keeps an entry for the next batch.
    package func add(_ entry: RequestEntry) {
        state.withLock { state in
            if state.waiting.count < Self.capacity { state.waiting.append(entry) } else { state.lost += 1 }
        }
    }

    /// The tokens that API keys used since `date`, by the keys' digests: when, to the minute and in order, and how many. None
    /// where the file cannot be read; the log tells why.
    package func keyTokens(since date: Date) async -> [String: [(time: Double, tokens: Int)]] {
        await perform { [self] in
            do {
                return try use { try $0.keyTokens(since: date.timeIntervalSince1970) }
            } catch {
                logger.error(
                    "the history cannot be read: tokens of API keys count from now", metadata: ["error": "\(error)"])
                return [:]
            }
        }
    }

    /// Writes once a second, and forgets what is too old once an hour, until it is cancelled; then writes the rest.
    package func run() async {
        var next = ContinuousClock.now
        while !Task.isCancelled {
            await write()
            if ContinuousClock.now >= next {
                next = .now + .seconds(3600)
                await prune()
            }
            try? await Task.sleep(for: .seconds(1))
        }
        await write()
        await perform { self.file.withLock { $0 = nil } }
    }

    /// Writes what waits; what cannot be written waits on.
    package func write() async {
        await perform { [self] in
            let (entries, lost) = state.withLock { state in
                defer { (state.waiting, state.lost) = ([], 0) }
                return (state.waiting, state.lost)
            }
            do {
                try use { file in if !entries.isEmpty { try file.add(entries) } }
                let wasTold = state.withLock { state in
                    defer { state.isTold = false }
                    return state.isTold
                }
                guard wasTold || lost > 0 else { return }
                logger.notice("the history is written again", metadata: ["lost": "\(lost)"])
            } catch {
                putBack(entries, lost: lost, error)
            }
        }
    }

    private func putBack(_ entries: [RequestEntry], lost: Int, _ error: any Error) {
        let isNews = state.withLock { state in
            state.waiting = entries + state.waiting
            state.lost += lost + max(0, state.waiting.count - Self.capacity)
            state.waiting = Array(state.waiting.prefix(Self.capacity))
            defer { state.isTold = true }
            return !state.isTold
        }
        if isNews { logger.error("the history cannot be written", metadata: ["error": "\(error)"]) }
    }

    private func prune() async {
        await perform { [self] in
            let now = Date().timeIntervalSince1970
            // What entries of a minute add up to goes with them.
            let time = options.age.map { ((now - $0 / .seconds(1)) / 60).rounded(.down) * 60 }
            do {
                try use { try $0.prune(before: time, most: options.requestLimit, now: now) }
            } catch {
                logger.error("the history cannot be shortened", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Works on the file; a damaged one is set aside, and the work done on a new one.
    private func use<Value>(_ work: (HistoryFile) throws -> Value) throws -> Value {
        try file.withLock { file in
            func open() throws -> HistoryFile {
                if let file { return file }
                let new = try HistoryFile(options)
                file = new
                return new
            }
            do {
                return try work(try open())
            } catch  where HistoryFile.isDamage(error) {
                file = nil
                let place = try HistoryFile.setAside(options.url)
                logger.error(
                    "the history was damaged; a new one begins",
                    metadata: ["error": "\(error)", "damaged": "\(place.path(percentEncoded: false))"])
                return try work(try open())
            }
        }
    }

    /// On the history's own thread.
    private func perform<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
