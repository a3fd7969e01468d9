import Foundation
import HTTPTypes
package import Logging
import SwiftletGround
import SwiftletLibrary
import Synchronization

/// The audit log that a running server writes.
///
/// Records are handed over without waiting and written together by one task; `flush` waits for what was handed over. What was
/// flushed is the system's, and outlives the process; the disk is told once a second. Where it cannot be written the server
/// takes no requests: see `check`.
package final class AuditLog: Sendable {
    package let options: AuditOptions
    private let folder: AuditFolder
    private let logger: Logger
    private let lock: FileLock
    private let state: Mutex<State>
    private let prompts: AuditPrompts?

    private struct State {
        var pending: [AuditRecord] = []
        /// Records handed over and written so far.
        var added = 0
        var written = 0
        var isWriting = false
        var waiting: [(until: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var problem: ServerError?
        var writer: AuditWriter
        var isUnsynchronized = false
        /// Records that found no place while the log could not be written.
        var lost = 0
    }

    /// While the log cannot be written the server answers only that; more than these refusals need not be told one by one.
    private static let mostPending = 10_000

    /// Opens the folder, or makes it. Throws if another server writes it, or it cannot be written.
    package init(_ options: AuditOptions, logger: Logger) throws {
        (self.options, self.logger) = (options, logger)
        folder = AuditFolder(options.folder)
        let path = options.folder.path(percentEncoded: false)
        try Files.makeFolder(options.folder)
        guard chmod(path, 0o700) == 0 else {
            throw ServerError(.audit, "its rights cannot be set: \(String(cString: strerror(errno)))", at: path)
        }
        guard let lock = try FileLock.tryLock(folder.lock) else {
            throw ServerError(
                .audit, "another server writes this audit log", at: path,
                advice: "Give each server a folder of its own with --audit")
        }
        self.lock = lock
        let (writer, found) = try AuditWriter.open(folder, options)
        prompts = try options.prompts.map { [folder] in try AuditPrompts(folder, keep: $0) }
        state = Mutex(State(writer: writer))
        for record in found {
            logger.error("audit: \(record.note ?? "")")
            add(record)
        }
    }

    /// Throws if the log cannot be written: then nothing must happen that it would not tell of.
    func check() async throws {
        guard state.withLock({ $0.problem != nil }) else { return }
        // It may work again.
        await flush()
        if let problem = state.withLock({ $0.problem }) {
            logger.error("\(problem)")
            throw RequestFailure(
                .serviceUnavailable,
                "the server's audit log cannot be written, so it takes no requests; its log says why",
                retryAfter: 10)
        }
    }

    /// Hands a record over; it is in the file once `flush` returns.
    package func add(_ record: AuditRecord) {
        let mustStart = state.withLock { state in
            guard state.pending.count < Self.mostPending else {
                state.lost += 1
                return false
            }
            state.pending.append(record)
            state.added += 1
            return start(&state)
        }
        if mustStart { Task { write() } }
    }

    /// Waits until all that was handed over before is written, or cannot be.
    package func flush() async {
        await withCheckedContinuation { continuation in
            let (isDone, mustStart) = state.withLock { state in
                if state.pending.isEmpty, !state.isWriting { return (true, false) }
                state.waiting.append((state.added, continuation))
                return (false, start(&state))
            }
            if isDone { continuation.resume() }
            if mustStart { Task { write() } }
        }
    }

    private func start(_ state: inout State) -> Bool {
        guard !state.isWriting else { return false }
        state.isWriting = true
        return true
    }

    /// Writes until nothing is left. One task at a time.
    private func write() {
        while true {
            let (records, writer) = state.withLock { ($0.pending, $0.writer) }
            var (next, failure) = (writer, ServerError?.none)
            if !records.isEmpty {
                do throws(ServerError) { try next.write(records) } catch { failure = error }
            }
            let (isDone, ready) = state.withLock { state in
                state.writer = next
                state.problem = failure
                if failure == nil {
                    if state.lost > 0 {
                        state.pending.append(
                            .gap("\(state.lost) more requests were refused while this log could not be written"));
                        state.added += 1
                    }
                    state.lost = 0
                    state.pending.removeFirst(records.count)
                    state.written += records.count
                    state.isUnsynchronized = state.isUnsynchronized || !records.isEmpty
                }
                // Who waits learns of a failure, too: `check` tells it.
                let isDone = state.pending.isEmpty || failure != nil
                let ready = state.waiting.filter { isDone || $0.until <= state.written }
                state.waiting.removeAll { isDone || $0.until <= state.written }
                if isDone { state.isWriting = false }
                return (isDone, ready)
            }
            for waiter in ready { waiter.continuation.resume() }
            if isDone { return }
        }
    }

    /// Keeps a prompt's text; returns the digest that the record tells. Nil if texts are not kept.
    package func keep(prompt: some Sequence<UInt8>, request: String) -> String? {
        guard let prompts else { return nil }
        do {
            return try prompts.keep(prompt, request: request)
        } catch {
            logger.error("a prompt cannot be kept: \(error)")
            return nil
        }
    }

    /// Tells the disk once a second, and removes what is too old once an hour, until the task is cancelled.
    package func maintain() async {
        var seconds = 0
        while !Task.isCancelled {
            if seconds % 3600 == 0 { removeOld() }
            try? await Task.sleep(for: .seconds(1))
            seconds += 1
            synchronize()
        }
    }

    private func synchronize() {
        let writer = state.withLock { state in
            defer { state.isUnsynchronized = false }
            return state.isUnsynchronized ? state.writer : nil
        }
        writer?.synchronize()
    }

    private func removeOld() {
        prompts?.removeOld()
        guard let age = options.keep else { return }
        do {
            if let record = try AuditWriter.removeFiles(
                of: folder, before: Date(timeIntervalSinceNow: -(age / .seconds(1))))
            {
                add(record)
            }
        } catch {
            logger.error("old files of the audit log cannot be removed: \(error)")
        }
    }

    /// Writes all that is left, with a last record.
    package func close() async {
        add(AuditRecord(.stop))
        await flush()
        synchronize()
    }
}
