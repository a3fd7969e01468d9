import Logging
import SwiftletGround
import Tracing

/// Spans as lines of the log, with what they are in its metadata.
struct LogSpans: SpanSink {
    let logger: Logger

    func take(_ span: FinishedSpan) {
        var metadata: Logger.Metadata = [
            "trace_id": "\(span.place.trace.hexadecimal)", "span_id": "\(span.place.span.hexadecimal)",
            "milliseconds": "\(Double(span.end - span.start) / 1e6)",
        ]
        if let parent = span.parent { metadata["parent_id"] = "\(parent.span.hexadecimal)" }
        if span.status?.code == .error { metadata["status"] = "error" }
        span.attributes.forEach { name, value in metadata[name] = "\(value.text)" }
        // Who asks for spans has not asked for all that is logged as info.
        logger.notice("span \(span.name)", metadata: metadata)
    }
}

extension SpanAttribute {
    fileprivate var text: String { OTLP.value(self).text() }
}
