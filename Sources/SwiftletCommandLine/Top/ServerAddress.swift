import Foundation
import SwiftletGround

/// Where a server listens, as users write it: `localhost`, `127.0.0.1:11434`, `[::1]:11434`, `https://models.example.org`.
struct ServerAddress: CustomStringConvertible {
    /// Without a slash at its end.
    let description: String
    /// Whether that is this machine.
    let isLocal: Bool

    static let port = 11434

    init(_ text: String, port: Int? = nil) throws(CommandError) {
        var rest = text
        var scheme = "http"
        for known in ["http", "https"] where text.lowercased().hasPrefix(known + "://") {
            (scheme, rest) = (known, String(text.dropFirst(known.utf8.count + 3)))
        }
        if rest.hasSuffix("/") { rest.removeLast() }
        let parts = HostAndPort(rest)
        let written = try parts.port.map { (text: String) throws(CommandError) in
            guard let port = Int(text), (1...65535).contains(port) else {
                throw CommandError(.usage, "\"\(text.prefix(20))\" is no port", at: "--host")
            }
            return port
        }
        let usual = scheme == "https" ? 443 : Self.port
        // A server that listens everywhere is here, too.
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"][parts.host] ?? parts.host
        let name = host.contains(":") ? "[\(host)]" : host
        let address = "\(scheme)://\(name):\(port ?? written ?? usual)"
        guard !host.contains(where: { "/@?# ".contains($0) }), URL(string: address) != nil else {
            throw CommandError(.usage, "\"\(text.prefix(80))\" is no server's address", at: "--host")
        }
        description = address
        isLocal = ["localhost", "::1"].contains(host) || host.hasPrefix("127.")
    }
}
