import Foundation
import Hummingbird
import Logging
import SwiftletGround
import SwiftletLibrary
import Synchronization

/// The keys of a running server. It looks at their file on each use, and reads it when it has changed.
///
/// Once there were keys, nobody is let in without one, also when the last one is revoked or the file is taken away: that must
/// not open a server that was closed. A file that cannot be read lets nobody in until it is mended.
final class KeyRing: Sendable {
    private struct State {
        /// The file as it was read; the outer nil for never.
        var status: FileStatus??
        var holders: [KeyHolder] = []
        var isClosed = false
        var problem: ServerError?
        /// What an earlier process counted of keys' tokens.
        var past = KeyPast()
    }

    private let file: KeyFile
    private let logger: Logger
    private let onRevoke: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// `onRevoke` is called with the name of each key that is taken away.
    init(_ file: KeyFile, logger: Logger, onRevoke: @escaping @Sendable (String) -> Void = { _ in }) {
        (self.file, self.logger, self.onRevoke) = (file, logger, onRevoke)
    }

    /// Reads the keys before the server listens. Throws for a file that cannot be read, and for none when keys are needed.
    func start(needsKeys: Bool, address: String) throws(ServerError) {
        let (problem, isClosed) = current { ($0.problem, $0.isClosed) }
        if let problem { throw problem }
        guard !needsKeys || isClosed else {
            throw ServerError(
                .configuration, "other machines reach this address, and there are no API keys", at: address,
                advice:
                    "Add a key with `swiftlet key add NAME`, listen on 127.0.0.1, or let everybody in with --insecure")
        }
    }

    /// Whether a limit looks back farther than this process may have begun.
    var looksBack: Bool { current { $0.holders.contains { $0.key.limits.tokensPerDay != nil } } }

    /// Counts what an earlier process of this server has counted, before there are requests.
    func recall(_ past: KeyPast) {
        state.withLock { state in
            state.past = past
            state.holders = state.holders.map { KeyHolder(key: $0.key, use: KeyUse(past.usage(of: $0.key.digest))) }
        }
    }

    /// Whose request this is.
    func caller(of request: Request) -> Caller {
        let texts = Self.texts(of: request)
        return current { state in
            if state.problem != nil { return .refused(.keysUnreadable) }
            guard state.isClosed else { return .anyone }
            guard !texts.isEmpty else { return .refused(.keyMissing) }
            let now = Date()
            for text in texts {
                let digest = KeyDigest(of: text)
                // All are compared, so that the time tells nothing.
                var found: KeyHolder?
                for holder in state.holders where digest.isSame(as: holder.key.digest) { found = holder }
                if let found { return found.key.hasExpired(at: now) ? .refused(.keyExpired) : .holder(found) }
            }
            return .refused(.keyUnknown)
        }
    }

    /// Ends the requests of keys that are revoked or expire, until the task is cancelled.
    func watch() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let now = Date()
            for holder in current(\.holders) where holder.key.hasExpired(at: now) { holder.use.cancel(.keyExpired) }
        }
    }

    /// Keys as clients send them: OpenAI's and Ollama's as `Authorization: Bearer`, Anthropic's as `x-api-key`.
    private static func texts(of request: Request) -> [Substring] {
        var texts: [Substring] = []
        if let value = request.headers[.authorization] {
            let parts = value.split(separator: " ", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "bearer" { texts.append(parts[1].drop { $0 == " " }) }
        }
        if let value = request.headers[.apiKey] { texts.append(value[...]) }
        return texts.filter { !$0.isEmpty && $0.utf8.count <= 256 }
    }

    /// What `body` finds in the state as the file has it now; then requests of revoked keys end.
    private func current<Value: Sendable>(_ body: (State) -> Value) -> Value {
        let (value, revoked) = state.withLock { state in
            let revoked = read(&state)
            return (body(state), revoked)
        }
        for holder in revoked {
            logger.notice("the API key \"\(holder.key.name)\" is revoked")
            onRevoke(holder.key.name)
            holder.use.end(.keyUnknown)
        }
        return value
    }

    /// Reads the file if it is another one than before, and tells which keys are no more.
    private func read(_ state: inout State) -> [KeyHolder] {
        let status = FileStatus(file.url)
        guard status != state.status else { return [] }
        state.status = .some(status)
        do throws(ServerError) {
            let uses = Dictionary(uniqueKeysWithValues: state.holders.map { ($0.key.digest, $0.use) })
            let past = state.past
            let holders = try file.keys().map { key in
                KeyHolder(key: key, use: uses[key.digest] ?? KeyUse(past.usage(of: key.digest)))
            }
            let kept = Set(holders.map(\.key.digest))
            let revoked = state.holders.filter { !kept.contains($0.key.digest) }
            (state.holders, state.problem) = (holders, nil)
            if !holders.isEmpty { state.isClosed = true }
            return revoked
        } catch {
            // Requests that run go on: whose key was revoked is not known.
            state.problem = error
            logger.error("the API keys cannot be read: \(error)")
            return []
        }
    }
}

/// A key and its use.
struct KeyHolder: Sendable {
    let key: APIKey
    let use: KeyUse
}
