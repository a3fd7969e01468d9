import Foundation
import Logging
import SwiftletHistory
import Synchronization

// How a server becomes ready, and how it ends.
extension ServerCore {
    /// Loads the models of the options, which then stay; throws what is wrong with one.
    func preload() async throws {
        // None makes room for the next one.
        var leases: [ModelLease] = []
        for name in options.preload {
            leases.append(try await host.lease(name, keepAlive: .forever))
            readiness.loaded(name)
        }
    }

    /// Limits of keys count on where the last process of this server ended, as far as the history knows.
    func recallKeys() async {
        guard let history, keys.looksBack else { return }
        keys.recall(KeyPast(await history.keyTokens(since: Date() - TokenWindow.length / .seconds(1))))
    }

    /// Runs `body` while what calls leave behind goes where it is kept.
    func recording(_ body: () async throws -> Void) async throws {
        try audit.open(options.audit, logger: logger)
        defer { audit.forget() }
        func keep(_ recorders: ArraySlice<any Recorder>) async throws {
            guard let first = recorders.first else { return try await body() }
            try await first.keep { try await keep(recorders.dropFirst()) }
        }
        let all: [(any Recorder)?] = recorders + [audit.log]
        try await keep(all.compactMap(\.self)[...])
    }

    /// No more work is taken; what runs ends by itself, or after the limit.
    func stop() {
        guard !readiness.isStopping else { return }
        readiness.stop()
        logger.notice("stopping", metadata: ["running": "\(metrics.requestsInFlight)"])
        let limit = options.shutdownLimit
        deadline.withLock { deadline in
            deadline = Task { [weak self] in
                guard (try? await Task.sleep(for: limit)) != nil else { return }
                self?.interrupt()
            }
        }
    }

    /// Ends what runs, with an error to those who wait for it.
    func interrupt() {
        readiness.interrupt()
        connections.interrupt()
    }

    /// Nothing runs any more.
    func stopped() {
        let task = deadline.withLock { $0 }
        task?.cancel()
    }
}
