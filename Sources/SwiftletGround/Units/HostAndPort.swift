/// A host's name or address and what follows it after a colon; an IPv6 address has brackets around it then.
package struct HostAndPort: Sendable {
    package let host: String
    /// As it is written, which may be no port.
    package let port: String?

    package init(_ text: String) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            host = String(text[text.index(after: text.startIndex)..<end])
            port = rest.hasPrefix(":") ? String(rest.dropFirst()) : nil
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        host = parts.count == 2 ? String(parts[0]) : text
        port = parts.count == 2 ? String(parts[1]) : nil
    }
}
