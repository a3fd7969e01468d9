import Foundation
import Hummingbird
import Logging
import Synchronization

extension AuditLog: Recorder {
    /// Tells the disk and removes what is too old until it is cancelled; then the log ends.
    package func run() async {
        await maintain()
        await close()
    }
}

/// The audit log of a running server, if it has one.
final class AuditSlot: Sendable {
    private let state = Mutex<AuditLog?>(nil)

    var log: AuditLog? { state.withLock { $0 } }

    func open(_ options: AuditOptions?, logger: Logger) throws {
        guard let options else { return }
        let log = try AuditLog(options, logger: logger)
        state.withLock { $0 = log }
    }

    func forget() { state.withLock { $0 = nil } }

    func add(_ event: AuditRecord.Event, note: String) { log?.add(AuditRecord(event, note: note)) }
}

extension AuditRecord {
    /// What the log tells of a call; nil for looks at lists and numbers, unless they were denied.
    init?(_ call: Call, _ facts: CallRecord.Facts) {
        switch call.route.access {
        case .use, .admin: break
        case .open, .read: guard [401, 403, 429].contains(facts.status) else { return nil }
        }
        self.init(.request)
        date = facts.date
        key = call.caller.holder?.key.name
        client = call.context.remoteAddress
        request = call.context.id
        (method, path) = (call.route.method.rawValue, call.route.path)
        (model, digest) = (facts.model, facts.digest)
        status = facts.status
        if facts.promptTokens > 0 || facts.generatedTokens > 0 {
            (promptTokens, cachedTokens) = (facts.promptTokens, facts.cachedTokens)
            generatedTokens = facts.generatedTokens
        }
        bytes = facts.bytes > 0 ? facts.bytes : call.request.headers[.contentLength].flatMap { Int($0) }
        milliseconds = facts.duration / .milliseconds(1)
        promptDigest = facts.promptDigest
    }
}
