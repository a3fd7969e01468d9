import Foundation

/// Tokens that keys used before this process began, by the digests of the keys.
struct KeyPast: Sendable {
    private let tokens: [String: [(time: Double, tokens: Int)]]

    /// Times are seconds since 1970, in order.
    init(_ tokens: [String: [(time: Double, tokens: Int)]] = [:]) { self.tokens = tokens }

    /// A key's usage as the earlier process would have it now.
    func usage(of digest: KeyDigest) -> KeyUsage {
        let now = Date().timeIntervalSince1970
        return KeyUsage(earlier: (tokens[digest.hexadecimal] ?? []).map { (.seconds(now - $0.time), $0.tokens) })
    }
}
