import HTTPTypes
import Hummingbird
import SwiftletGround
import Tracing

/// The spans of one call: its own, and those of its parts, whose times are known at its end.
struct CallTrace: Sendable {
    private let tracer: any Tracer
    private let span: any Tracing.Span
    private let start = DefaultTracerClock.now.nanosecondsSinceEpoch

    /// Nil for calls that run no model and change nothing: probes and looks at lists come too often.
    init?(_ call: Call) {
        guard let tracer = call.core.tracer, [.use, .admin].contains(call.route.access) else { return nil }
        self.tracer = tracer
        var context = InstrumentationContext.current ?? .topLevel
        tracer.extract(call.request.headers, into: &context, using: HeaderFields())
        span = tracer.startSpan(
            "\(call.route.method.rawValue) \(call.route.path)", context: context, ofKind: .server,
            at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: start))
        span.updateAttributes { attributes in
            attributes["http.request.method"] = call.route.method.rawValue
            attributes["http.route"] = call.route.path
            attributes["swiftlet.request_id"] = call.context.id
        }
    }

    /// For what the call itself calls.
    var context: InstrumentationContext { span.context }

    /// Names the span to the client.
    func mark(_ response: inout Response) {
        tracer.inject(span.context, into: &response.headers, using: HeaderFields())
    }

    func end(_ facts: CallRecord.Facts) {
        if span.isRecording {
            for (name, from, to) in facts.parts where to >= from {
                let part = tracer.startSpan(name, context: span.context, ofKind: .internal, at: moment(from))
                part.end(at: moment(to))
            }
            span.updateAttributes { attributes in
                attributes["http.response.status_code"] = facts.status
                if let model = facts.model { attributes["gen_ai.request.model"] = model }
                if facts.promptTokens > 0 {
                    attributes["gen_ai.usage.input_tokens"] = facts.promptTokens
                    attributes["swiftlet.cached_tokens"] = facts.cachedTokens
                }
                if facts.generatedTokens > 0 { attributes["gen_ai.usage.output_tokens"] = facts.generatedTokens }
                if facts.status >= 500 { attributes["error.type"] = String(facts.status) }
            }
            if facts.status >= 500 { span.setStatus(SpanStatus(code: .error)) }
        }
        span.end(at: moment(facts.duration))
    }

    /// So long after the call came.
    private func moment(_ time: Duration) -> DefaultTracerClock.Timestamp {
        let nanoseconds = UInt64(max(0, time / .nanoseconds(1)))
        return DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: start &+ nanoseconds)
    }
}

extension CallRecord.Facts {
    /// What the call's time went to, each from and to a time after its beginning.
    fileprivate var parts: [(name: String, from: Duration, to: Duration)] {
        var parts: [(name: String, from: Duration, to: Duration)] = []
        // A model that was there takes no time worth a span.
        if let load, load.end - load.start >= .milliseconds(1) { parts.append(("load", load.start, load.end)) }
        guard let first = timeToFirstToken else { return parts }
        if let queue, let prefill {
            let begin = max(.zero, first - prefill)
            parts.append(("queue", max(.zero, begin - queue), begin))
            parts.append(("prefill", begin, first))
        }
        parts.append(("decode", first, decode.map { min(first + $0, duration) } ?? duration))
        return parts
    }
}

/// Headers as what carries a trace.
private struct HeaderFields: Extractor, Injector {
    func extract(key: String, from carrier: HTTPFields) -> String? { HTTPField.Name(key).flatMap { carrier[$0] } }

    func inject(_ value: String, forKey key: String, into carrier: inout HTTPFields) {
        if let name = HTTPField.Name(key) { carrier[name] = value }
    }
}
