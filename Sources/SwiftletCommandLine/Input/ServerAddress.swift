import Foundation
import SwiftletGround

/// Where a server listens, as users write it: `localhost`, `127.0.0.1:11434`, `[::1]:11434`, `https://models.example.org`.
///
/// An address that stands for all of a machine's is asked by way of loopback.
struct ServerAddress: CustomStringConvertible {
    /// Without a slash at its end.
    let description: String
    /// Whether that is this machine.
    let isLocal: Bool

    /// What the user named at `place`, or else what `serve` would listen to: SWIFTLET_HOST and SWIFTLET_PORT.
    init(
        asked text: String?, port: Int? = nil, at place: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandError) {
        if let text {
            try self.init(text, port: port, at: place)
            return
        }
        let usual = try Self.variable("SWIFTLET_PORT", environment).map { (text: String) throws(CommandError) in
            try Self.port(text, at: "SWIFTLET_PORT")
        }
        try self.init(
            Self.variable("SWIFTLET_HOST", environment) ?? "127.0.0.1", port: port, usual: usual, at: "SWIFTLET_HOST")
    }

    /// A variable of the environment; nil if it is empty.
    static func variable(
        _ name: String, _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private init(_ text: String, port: Int?, usual: Int? = nil, at place: String) throws(CommandError) {
        var rest = text
        var scheme = "http"
        for known in ["http", "https"] where text.lowercased().hasPrefix(known + "://") {
            (scheme, rest) = (known, String(text.dropFirst(known.utf8.count + 3)))
        }
        while rest.hasSuffix("/") { rest.removeLast() }
        let parts = HostAndPort(rest)
        let written = try parts.port.map { (text: String) throws(CommandError) in try Self.port(text, at: place) }
        let number = port ?? written ?? usual ?? (scheme == "https" ? 443 : 11434)
        // A server that listens everywhere is here, too.
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"][parts.host] ?? parts.host
        let name = host.contains(":") ? "[\(host)]" : host
        let address = "\(scheme)://\(name):\(number)"
        guard !host.contains(where: { "/@?# ".contains($0) }), URL(string: address) != nil else {
            throw CommandError(.input, "\"\(text.prefix(80))\" is no server's address", at: place)
        }
        description = address
        isLocal = ["localhost", "::1"].contains(host) || host.hasPrefix("127.")
    }

    private static func port(_ text: String, at place: String) throws(CommandError) -> Int {
        guard let port = Int(text), (1...65535).contains(port) else {
            throw CommandError(.input, "\"\(text.prefix(20))\" is no port", at: place)
        }
        return port
    }
}
