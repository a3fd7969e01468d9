import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SwiftletGround

/// Web pages may use the server only from this machine, or from where the options allow: a page of a stranger must not
/// read models, or make this machine work. Programs send no `Origin`.
struct Origins: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        // A browser asks first whether it may.
        let isQuestion = call.request.method == .options && call.request.headers[.accessControlRequestMethod] != nil
        guard let origin = call.request.headers[.origin] else { return try await next(call) }
        guard accepts(origin, call.core.options.origins) || isOwnPage(origin, call) else {
            throw ServerError(
                .forbidden, "web pages of \(origin.prefix(80)) may not use this server",
                advice: "Start it with --origin to allow them")
        }
        var response = isQuestion ? Self.permission(call) : try await next(call)
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = "X-Request-Id, Retry-After, WWW-Authenticate"
        response.headers[.vary] = "Origin"
        return response
    }

    private static func permission(_ call: Call) -> Response {
        var response = Response(status: .noContent)
        response.headers[.accessControlAllowMethods] = "GET, POST, DELETE, HEAD, OPTIONS"
        response.headers[.accessControlAllowHeaders] = call.request.headers[.accessControlRequestHeaders]
        response.headers[.accessControlMaxAge] = "3600"
        return response
    }

    private func accepts(_ origin: String, _ allowed: [String]) -> Bool {
        if allowed.contains(where: { Self.matches(origin, $0) }) { return true }
        // Programs of this machine that are made of pages; no page of the web has such an origin.
        if Self.applications.contains(where: { origin.hasPrefix($0) }) { return true }
        guard let host = Self.host(of: origin) else { return false }
        return ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"].contains(host)
    }

    private static let applications = ["app://", "file://", "tauri://", "vscode-webview://", "vscode-file://"]

    /// A `*` in a pattern stands for anything: `https://*.example.org`, `chrome-extension://*`.
    static func matches(_ origin: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return origin == pattern }
        return origin.utf8.count >= pattern.utf8.count - 1 && origin.hasPrefix(parts[0]) && origin.hasSuffix(parts[1])
    }

    /// This server's own page, got by a number: a name could be a stranger's who made it mean this machine (DNS rebinding),
    /// which wins nothing where keys are needed.
    private func isOwnPage(_ origin: String, _ call: Call) -> Bool {
        guard let authority = call.request.head.authority?.lowercased(), let host = Self.host(of: origin) else {
            return false
        }
        guard ["http://", "https://"].contains(where: { origin.lowercased() == $0 + authority }) else { return false }
        guard case .anyone = call.caller else { return true }
        return (try? SocketAddress(ipAddress: host.trimmingCharacters(in: ["[", "]"]), port: 0)) != nil
    }

    /// `http://localhost:3000` to `localhost`.
    private static func host(of origin: String) -> String? {
        guard let colon = origin.range(of: "://") else { return nil }
        let rest = origin[colon.upperBound...]
        if rest.first == "[" { return rest.firstIndex(of: "]").map { String(rest[...$0]) } }
        return rest.split(separator: ":", maxSplits: 1).first.map(String.init)
    }
}
