import SwiftletGround
import Tracing

/// OpenTelemetry's protocol in its JSON encoding (opentelemetry-proto, `ExportTraceServiceRequest`; OTLP specification 1.5, "JSON
/// Protobuf Encoding": ids in hexadecimal, numbers of 64 bits as strings, enumerations as numbers).
enum OTLP {
    /// The body of one request.
    static func request(_ spans: [FinishedSpan]) -> JSONValue {
        let resource: JSONValue = [
            "attributes": [
                pair("service.name", ["stringValue": "swiftlet"]),
                pair("service.version", ["stringValue": .string(ServerVersion.current)]),
            ]
        ]
        let scope: JSONValue = ["name": "swiftlet", "version": .string(ServerVersion.current)]
        return [
            "resourceSpans": [
                ["resource": resource, "scopeSpans": [["scope": scope, "spans": .array(spans.map(object))]]]
            ]
        ]
    }

    private static func object(_ span: FinishedSpan) -> JSONValue {
        var object = JSONObject([
            ("traceId", .string(span.place.trace.hexadecimal)), ("spanId", .string(span.place.span.hexadecimal)),
        ])
        if let parent = span.parent { object["parentSpanId"] = .string(parent.span.hexadecimal) }
        object["name"] = .string(span.name)
        object["kind"] = kind(span.kind)
        object["startTimeUnixNano"] = .string(String(span.start))
        object["endTimeUnixNano"] = .string(String(span.end))
        object["attributes"] = attributes(span.attributes)
        if !span.events.isEmpty {
            object["events"] = .array(
                span.events.map { event in
                    [
                        "timeUnixNano": .string(String(event.nanosecondsSinceEpoch)), "name": .string(event.name),
                        "attributes": attributes(event.attributes),
                    ]
                })
        }
        if !span.links.isEmpty {
            object["links"] = .array(
                span.links.map { link in
                    ["traceId": .string(link.trace.hexadecimal), "spanId": .string(link.span.hexadecimal)]
                })
        }
        if let status = span.status {
            var value = JSONObject([("code", status.code == .error ? 2 : 1)])
            if let message = status.message { value["message"] = .string(message) }
            object["status"] = .object(value)
        }
        return .object(object)
    }

    private static func kind(_ kind: SpanKind) -> JSONValue {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    /// In the order of their names.
    private static func attributes(_ attributes: SpanAttributes) -> JSONValue {
        var pairs: [(String, SpanAttribute)] = []
        attributes.forEach { pairs.append(($0, $1)) }
        return .array(pairs.sorted { $0.0 < $1.0 }.map { pair($0.0, value($0.1)) })
    }

    private static func pair(_ name: String, _ value: JSONValue) -> JSONValue {
        ["key": .string(name), "value": value]
    }

    /// `AnyValue`.
    static func value(_ attribute: SpanAttribute) -> JSONValue {
        func list<Element>(_ elements: [Element], _ value: (Element) -> SpanAttribute) -> JSONValue {
            ["arrayValue": ["values": .array(elements.map { Self.value(value($0)) })]]
        }
        return switch attribute {
        case .int32(let value): ["intValue": .string(String(value))]
        case .int64(let value): ["intValue": .string(String(value))]
        case .double(let value): ["doubleValue": value.isFinite ? .number(value) : .string(value.description)]
        case .bool(let value): ["boolValue": .bool(value)]
        case .string(let value): ["stringValue": .string(value)]
        case .int32Array(let values): list(values) { .int32($0) }
        case .int64Array(let values): list(values) { .int64($0) }
        case .doubleArray(let values): list(values) { .double($0) }
        case .boolArray(let values): list(values) { .bool($0) }
        case .stringArray(let values): list(values) { .string($0) }
        case .stringConvertible(let value): ["stringValue": .string(value.description)]
        case .stringConvertibleArray(let values): list(values) { .string($0.description) }
        default: ["stringValue": ""]
        }
    }
}
