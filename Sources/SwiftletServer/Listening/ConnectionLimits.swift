/// What clients may take of the server before and beside its models: connections, bytes, time.
///
/// Times count only while the server waits for the client, never while the client waits for the server.
public struct ConnectionLimits: Sendable, Equatable {
    /// Connections at once; nil for most of what the process may open, at most 16,384. When all are taken, the one that has
    /// waited longest without a whole request makes room; if none has, new ones are refused with 503.
    public var connections: Int?
    /// Connections at once of one address, of an IPv6 network of 64 bits; nil for half of all.
    public var connectionsPerAddress: Int?
    /// Bytes of a request line and its header fields; more get 431.
    public var headSize = 64 << 10
    /// Header fields of a request; more get 431.
    public var headFields = 128
    /// From a connection, or the first byte of its next request, to the end of the header fields; longer gets 408.
    public var headTime: Duration = .seconds(15)
    /// How long a connection may stay without a request.
    public var idleTime: Duration = .seconds(120)
    /// How long the server waits for a request's body, not counting the time that `minimumRate` grants; longer gets 408.
    public var bodyTime: Duration = .seconds(30)
    /// How long the server waits for a client to take its answer, not counting the time that `minimumRate` grants; then the
    /// connection closes.
    public var answerTime: Duration = .seconds(60)
    /// Bytes in a second that a client needs to send or take so that no time is counted.
    public var minimumRate = 1000
    /// Requests of one connection that were sent before the answers to those before them; more close it.
    public var pipelinedRequests = 32
    /// Bytes of a streamed answer that wait for the client; more end it.
    public var unreadAnswer = 4 << 20
    /// Bytes of all bodies that are being read at a time; more get 503.
    public var bodiesInMemory = 256 << 20
    /// Values in a request's JSON, which take more memory than their text.
    public var jsonValues = 1_000_000

    public init() {}
}
