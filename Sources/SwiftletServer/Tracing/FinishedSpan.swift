import SwiftletGround
import Tracing

/// A span that has ended. Times are nanoseconds since 1970.
struct FinishedSpan: Sendable {
    var name: String
    let kind: SpanKind
    let place: TraceParent
    let parent: TraceParent?
    let start: UInt64
    var end: UInt64
    var attributes = SpanAttributes()
    var events: [SpanEvent] = []
    var links: [TraceParent] = []
    var status: SpanStatus?
}

/// Where ended spans go; must not make anyone wait.
protocol SpanSink: Sendable {
    func take(_ span: FinishedSpan)
}
