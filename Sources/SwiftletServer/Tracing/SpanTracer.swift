import Synchronization
import Tracing

/// Makes spans that go to a sink when they end; traces of which others said that nobody keeps them are not kept here either.
struct SpanTracer: Tracer {
    let sink: any SpanSink

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordedSpan {
        RecordedSpan(operationName, kind, context(), start: instant().nanosecondsSinceEpoch, sink)
    }

    func startAnySpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> any Tracing.Span {
        RecordedSpan(operationName, kind, context(), start: instant().nanosecondsSinceEpoch, sink)
    }

    /// Sinks send by themselves.
    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        context[TraceKey.self] = extractor.extract(key: Self.header, from: carrier).flatMap(TraceParent.init)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let place = context[TraceKey.self] else { return }
        injector.inject(place.text, forKey: Self.header, into: &carrier)
    }

    private static let header = "traceparent"
}

/// The span that a task works in.
enum TraceKey: InstrumentationContextKey {
    typealias Value = TraceParent
    static let nameOverride: String? = "traceparent"
}

/// A span of `SpanTracer`.
final class RecordedSpan: Tracing.Span {
    let context: InstrumentationContext
    private let state: Mutex<FinishedSpan?>
    private let sink: any SpanSink

    init(
        _ name: String, _ kind: SpanKind, _ context: InstrumentationContext, start: UInt64, _ sink: any SpanSink
    ) {
        let parent = context[TraceKey.self]
        let place = TraceParent(below: parent)
        var context = context
        context[TraceKey.self] = place
        (self.context, self.sink) = (context, sink)
        state = Mutex(
            place.isSampled
                ? FinishedSpan(name: name, kind: kind, place: place, parent: parent, start: start, end: start) : nil)
    }

    var isRecording: Bool { state.withLock { $0 != nil } }

    var operationName: String {
        get { state.withLock { $0?.name } ?? "" }
        set { state.withLock { $0?.name = newValue } }
    }

    var attributes: SpanAttributes {
        get { state.withLock { $0?.attributes } ?? [:] }
        set { state.withLock { $0?.attributes = newValue } }
    }

    func setStatus(_ status: SpanStatus) { state.withLock { $0?.status = status } }

    func addEvent(_ event: SpanEvent) { state.withLock { $0?.events.append(event) } }

    func addLink(_ link: SpanLink) {
        guard let place = link.context[TraceKey.self] else { return }
        state.withLock { $0?.links.append(place) }
    }

    /// Only the error's type: what it says could hold a text of the request's.
    func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = String(reflecting: type(of: error))
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Nothing happens at a second end.
    func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let span = state.withLock { state in
            defer { state = nil }
            return state
        }
        guard var span else { return }
        span.end = max(span.start, instant().nanosecondsSinceEpoch)
        sink.take(span)
    }
}
