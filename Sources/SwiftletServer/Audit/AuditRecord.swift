package import Foundation
import HTTPTypes
import SwiftletGround

/// One line of the audit log: something that was asked of the server, or that happened to it.
package struct AuditRecord: Sendable {
    /// What it tells of.
    package enum Event: Sendable, Hashable {
        /// A request and its end.
        case request
        /// The server began to listen; ended.
        case start, stop
        /// The configuration was read anew.
        case reload
        /// An API key was taken away.
        case revoked
        /// The log before this line is not what its head says: what the server found when it started.
        case gap
        /// Files of the log were removed because of their age.
        case removed

        var name: String { "\(self)" }
    }

    package var event: Event
    package var date = Date()
    /// The name of the API key; nil if the server has none, or it was not known.
    package var key: String?
    /// The address that the request came from.
    package var client: String?
    package var request: String?
    package var method: String?
    /// The route of the server's table, not what stood in its place.
    package var path: String?
    package var model: String?
    /// The SHA-256 of the model's file.
    package var digest: String?
    package var status: Int?
    package var promptTokens: Int?
    package var cachedTokens: Int?
    package var generatedTokens: Int?
    /// Bytes of the request's body.
    package var bytes: Int?
    package var milliseconds: Double?
    /// The SHA-256 of a random salt and the prompt's text, which lie in the folder of prompts as long as they may.
    package var promptDigest: String?
    /// What else there is to say, in words: settings' names, numbers of lines. Never prompt text.
    package var note: String?

    package init(_ event: Event, note: String? = nil) { (self.event, self.note) = (event, note) }

    static func gap(_ note: String) -> AuditRecord { AuditRecord(.gap, note: note) }

    /// How a request ended, in a word.
    package var outcome: String? {
        guard let status else { return nil }
        return switch status {
        case ..<400: "ok"
        case 401, 403: "denied"
        case 429: "limited"
        case RequestFailure.clientClosed.code: "cancelled"
        case 503: "unavailable"
        case ..<500: "refused"
        default: "failed"
        }
    }

    /// All that is known, in the order of the fields above.
    var json: JSONObject {
        var object = JSONObject()
        object["time"] = .string(Timestamp.text(date))
        object["event"] = .string(event.name)
        let texts = [
            ("key", key), ("client", client), ("request", request), ("method", method), ("path", path),
            ("model", model), ("sha256", digest),
        ]
        for (name, text) in texts { object[name] = text.map { .string($0) } }
        object["status"] = status.map { .integer(Int64($0)) }
        object["outcome"] = outcome.map { .string($0) }
        let counts = [
            ("prompt_tokens", promptTokens), ("cached_tokens", cachedTokens), ("generated_tokens", generatedTokens),
            ("bytes", bytes),
        ]
        for (name, count) in counts { object[name] = count.map { .integer(Int64($0)) } }
        object["milliseconds"] = milliseconds.map { .number(($0 * 1000).rounded() / 1000) }
        object["prompt_sha256"] = promptDigest.map { .string($0) }
        object["note"] = note.map { .string($0) }
        return object
    }
}
