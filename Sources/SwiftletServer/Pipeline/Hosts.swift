import Foundation
import HTTPTypes
import Hummingbird
import SwiftletGround

/// A server of this machine that needs no keys answers only those who call it by this machine's names: a stranger's web page
/// whose name was made to mean 127.0.0.1 (DNS rebinding) sends its own.
struct Hosts: Stage {
    private let names: [String]
    private let isLoopback: Bool

    init(_ options: ServerOptions) {
        isLoopback = options.isLoopback
        names = ["localhost", "127.0.0.1", "::1", options.host.lowercased()]
    }

    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        guard isLoopback, call.route.access != .open, case .anyone = call.caller else { return try await next(call) }
        // A client that names no host is no browser.
        let hosts = [call.request.head.authority].compactMap { $0 } + call.request.headers[values: Self.header]
        guard let stranger = hosts.first(where: { !names.contains(Self.name(of: $0)) }) else {
            return try await next(call)
        }
        throw ServerError(
            .forbidden, "this server answers only to localhost and 127.0.0.1, not to \(stranger.prefix(80))",
            advice: "Have your proxy send Host: localhost, or add API keys")
    }

    /// A second one; the first is the request's authority.
    private static let header = HTTPField.Name("Host")!

    /// `LOCALHOST:80` to `localhost`, `[::1]:80` to `::1`.
    private static func name(of host: String) -> String {
        let host = host.lowercased()
        if host.first == "[" { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }
}

extension ServerOptions {
    /// Whether only this machine reaches the address.
    var isLoopback: Bool {
        if host.lowercased() == "localhost" { return true }
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return withUnsafeBytes(of: &six) { bytes in
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            return isMapped ? bytes[12] == 127 : bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
        }
    }
}
