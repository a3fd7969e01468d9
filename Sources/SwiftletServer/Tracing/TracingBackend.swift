public import Foundation
import Logging
public import SwiftletGround
import Tracing

/// Where the spans of requests go: names, numbers and times, never what was said.
public enum TracingBackend: Sendable, Hashable {
    /// To the tracer that the program has set up (`InstrumentationSystem`), or nowhere.
    case off
    /// Into the log, a line a span.
    case log
    /// To a collector of OpenTelemetry (OTLP over HTTP, as JSON).
    case otlp(URL)

    /// `off`, `log`, or `otlp=` and a collector's address: its base, as in `http://localhost:4318`, or the whole path to traces.
    public init(_ text: String) throws(ServerError) {
        switch text {
        case "off": self = .off
        case "log": self = .log
        default: self = .otlp(try Self.collector(text))
        }
    }

    /// As it is written.
    var text: String {
        switch self {
        case .off: "off"
        case .log: "log"
        case .otlp(let url): "otlp=\(url)"
        }
    }

    private static func collector(_ text: String) throws(ServerError) -> URL {
        let prefix = "otlp="
        guard text.hasPrefix(prefix), let url = URL(string: String(text.dropFirst(prefix.utf8.count))),
            ["http", "https"].contains(url.scheme?.lowercased()), url.host()?.isEmpty == false, url.query() == nil
        else {
            throw ServerError(.configuration, "must be off, log or otlp=http://HOST:4318", at: "tracing")
        }
        // It would be in logs and in error messages.
        guard url.user() == nil, url.password() == nil else {
            throw ServerError(.configuration, "must hold no name or password in the collector's address", at: "tracing")
        }
        return url.path().hasSuffix("/v1/traces") ? url : url.appending(path: "v1/traces")
    }
}

extension TracingBackend {
    /// What begins spans, if anybody wants them, and what sends them.
    func begin(_ logger: Logger) -> (tracer: (any Tracer)?, recorder: (any Recorder)?) {
        switch self {
        case .off:
            let global = InstrumentationSystem.tracer
            return (global is NoOpTracer ? nil : global, nil)
        case .log: return (SpanTracer(sink: LogSpans(logger: logger)), nil)
        case .otlp(let url):
            let spans = OTLPSpans(url, logger: logger)
            return (SpanTracer(sink: spans), spans)
        }
    }
}
