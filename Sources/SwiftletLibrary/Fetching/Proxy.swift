import AsyncHTTPClient
import Foundation

extension LibraryEnvironment {
    /// The proxy that `https_proxy` or `HTTPS_PROXY` names, as curl and pip read it; `all_proxy` after them.
    var proxy: HTTPClient.Configuration.Proxy? {
        for key in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            guard let text = variables[key], !text.isEmpty else { continue }
            guard let url = URL(string: text.contains("://") ? text : "http://\(text)"), let host = url.host() else {
                continue
            }
            let isSocks = url.scheme?.hasPrefix("socks") == true
            if isSocks { return .socksServer(host: host, port: url.port ?? 1080) }
            guard let user = url.user(percentEncoded: false) else { return .server(host: host, port: url.port ?? 80) }
            return .server(
                host: host, port: url.port ?? 80,
                authorization: .basic(username: user, password: url.password(percentEncoded: false) ?? ""))
        }
        return nil
    }

    /// Whether `no_proxy` exempts a host: `*`, a name, or a domain with or without its leading dot.
    func isExempt(_ host: String) -> Bool {
        if ModelSource.isLoopback(host) { return true }
        let list = variables["no_proxy"] ?? variables["NO_PROXY"] ?? ""
        return list.split(separator: ",").contains { entry in
            let name = entry.trimmingCharacters(in: .whitespaces).lowercased()
            let bare = name.hasPrefix(".") ? String(name.dropFirst()) : name
            return bare == "*"
                || (!bare.isEmpty && (host.lowercased() == bare || host.lowercased().hasSuffix(".\(bare)")))
        }
    }
}
