public import Foundation

/// Files by which a server proves who it is. All are PEM; when they change, connections from then on get what is new.
public struct TLSOptions: Sendable, Equatable {
    /// The server's certificate, then those between it and a root.
    public var certificate: URL?
    /// The private key of the first certificate; nobody but its owner should read it, nobody but its owner may write it.
    public var key: URL?
    /// Certificates of authorities: clients must show a certificate of one of them.
    public var clientAuthority: URL?

    public init() {}

    /// Whether the server speaks TLS at all.
    public var isOn: Bool { certificate != nil || key != nil || clientAuthority != nil }
}
