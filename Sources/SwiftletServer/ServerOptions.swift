public import Foundation
public import Logging
public import SwiftletEngine
public import SwiftletHistory

/// How a server listens, and how much of the machine its models may have.
public struct ServerOptions: Sendable {
    /// The address to listen on; others than loopback's let other machines in.
    public var host = "127.0.0.1"
    /// 0 takes a free port.
    public var port = 11434
    /// The longest context of a request, in tokens; nil for 4,096 or what the model was trained for, the
    /// shorter one.
    public var contextLength: Int?
    /// How each model runs: threads, requests at once, waiting requests, keys and values, the prefix store.
    public var engine = EngineOptions()
    /// Bytes that all loaded models may have together; nil for most of what is free when the server starts.
    public var modelMemory: Int?
    /// How long a model stays loaded after its last request, unless the request says otherwise; nil for ever.
    public var keepAlive: Duration? = .seconds(300)
    /// How long a request may wait for its answer to begin, unless it says otherwise; nil for ever.
    public var maxWait: Duration?
    /// The largest body of a request but an upload's, in bytes.
    public var bodyLimit = 32 << 20
    /// The deepest nesting of a request's JSON.
    public var depthLimit = 128
    /// What clients may take: connections, bytes, time.
    public var limits = ConnectionLimits()
    /// Files of TLS; without them the server speaks plain HTTP.
    public var tls = TLSOptions()
    /// Lets other machines in without API keys; without this a server that has none listens only on loopback.
    public var isInsecure = false
    /// The file of API keys; nil for `keys.json` in the library's folder.
    public var keyFile: URL?
    /// Web pages that may use the server beside those of this machine: `https://example.org`, `*` for all.
    public var origins: [String] = []
    /// Models to load at the start, which stay; the server is ready when they are there.
    public var preload: [String] = []
    /// Where what requests took is kept; nil for nowhere.
    public var history: HistoryOptions?
    /// Where the spans of requests go.
    public var tracing = TracingBackend.off
    /// How long running requests may go on after the server was told to stop.
    public var shutdownLimit: Duration = .seconds(30)

    /// The log of who asked what of which model; nil for none.
    public var audit: AuditOptions?
    /// The least that a command should log. (A `Server` logs through the logger that it is given.)
    public var logLevel = Logger.Level.notice

    public init() {}
}
