import Foundation

/// What clients may take, and TLS.
extension ServerSettings {
    static let security = [
        ServerSetting(
            "tls-certificate", .path("file", .notDirectory, or: "off"), \.tls.certificate, .restart,
            "The server's certificate and those between it and a root, PEM; with it the server speaks TLS alone."),
        ServerSetting(
            "tls-key", .path("file", .notDirectory, or: "off"), \.tls.key, .restart,
            "The certificate's private key, PEM."),
        ServerSetting(
            "tls-client-authority", .path("file", .notDirectory, or: "off"), \.tls.clientAuthority, .restart,
            "Authorities, PEM: clients must show a certificate of one of them."),
    ]

    static let limits = [
        ServerSetting(
            "connections", .integer(1...1_000_000, or: "auto"), \.limits.connections, .restart,
            "Most connections at once; auto for most that open files allow, at most 16384."),
        ServerSetting(
            "connections-per-address", .integer(1...1_000_000, or: "auto"), \.limits.connectionsPerAddress, .restart,
            "Most connections of one address, or of an IPv6 network of 64 bits; auto for half of all."),
        ServerSetting(
            "head-size", .size, \.limits.headSize, .restart, "Most bytes of a request line and its header fields."),
        ServerSetting(
            "head-fields", .integer(1...10_000), \.limits.headFields, .restart, "Most header fields of a request."),
        ServerSetting(
            "head-time", .time, \.limits.headTime, .restart, "How long a client may take to send header fields."),
        ServerSetting(
            "idle-time", .time, \.limits.idleTime, .restart, "How long a connection may stay without a request."),
        ServerSetting(
            "body-time", .time, \.limits.bodyTime, .restart,
            "How long a client may keep the server waiting for a body, beside what minimum-rate grants."),
        ServerSetting(
            "answer-time", .time, \.limits.answerTime, .restart,
            "How long a client may leave its answer, beside what minimum-rate grants."),
        ServerSetting(
            "minimum-rate", .integer(1...1 << 30), \.limits.minimumRate, .restart,
            "Bytes in a second that a client may send or take as long as it likes."),
        ServerSetting(
            "pipelined-requests", .integer(1...10_000), \.limits.pipelinedRequests, .restart,
            "Most requests of a connection before their answers."),
        ServerSetting(
            "unread-answer", .size, \.limits.unreadAnswer, .restart,
            "Most bytes of a streamed answer that wait for the client."),
        ServerSetting(
            "bodies-in-memory", .size, \.limits.bodiesInMemory, .restart,
            "Most bytes of all bodies that are read at a time."),
        ServerSetting(
            "json-values", .integer(1...1 << 30), \.limits.jsonValues, .restart, "Most values in a request's JSON."),
    ]
}
