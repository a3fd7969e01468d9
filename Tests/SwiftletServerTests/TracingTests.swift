import Foundation
import SwiftletGround
import SwiftletServer
import Testing

/// Spans of calls, in the log and at a collector that a test runs.
@Suite struct TracingTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "b7ad6b7169203331"
    private static let header = ("traceparent", "00-\(trace)-\(parent)-01")

    @Test func settings() throws {
        #expect(try TracingBackend("off") == .off)
        #expect(try TracingBackend("log") == .log)
        for (text, url) in [
            ("otlp=http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("otlp=https://c.example.org/base/", "https://c.example.org/base/v1/traces"),
            ("otlp=http://[::1]:4318/v1/traces", "http://[::1]:4318/v1/traces"),
        ] {
            guard case .otlp(let found) = try TracingBackend(text) else {
                Issue.record("\(text)")
                continue
            }
            #expect(found.absoluteString == url)
        }
        for text in ["", "on", "otlp", "otlp=", "otlp=localhost:4318", "otlp=file:///x", "otlp=http://a:b@host:1"] {
            let error = #expect(throws: ServerError.self, "\(text)") { try TracingBackend(text) }
            #expect(error?.code == .configuration && error?.description.contains("a:b") == false)
        }
    }

    /// Headers that are none begin a trace of their own; what a later version adds is not read (W3C Trace Context, 3.2).
    @Test func headersAreReadStrictly() async throws {
        var options = ServerOptions()
        options.tracing = .log
        try await LiveServer.run(options, models: []) { server in
            func answered(_ header: String?) async throws -> [Substring] {
                let headers = header.map { [("traceparent", $0)] } ?? []
                let body: JSONValue = ["model": "none", "prompt": "Hi"]
                let answer = try await server.send("POST", "/api/generate", body, headers: headers)
                #expect(answer.status == 404)
                let parts = try #require(answer.header("traceparent")).split(separator: "-")
                #expect(parts.map(\.count) == [2, 32, 16, 2] && parts[0] == "00" && parts[2] != Self.parent)
                return parts
            }
            for (header, flags) in [
                ("00-\(Self.trace)-\(Self.parent)-01", "01"), ("00-\(Self.trace)-\(Self.parent)-00", "00"),
                ("00-\(Self.trace)-\(Self.parent)-03", "01"), ("cc-\(Self.trace)-\(Self.parent)-01-more", "01"),
                ("cc-\(Self.trace)-\(Self.parent)-01", "01"),
            ] {
                let parts = try await answered(header)
                #expect(parts[1] == Self.trace && parts[3] == flags, "\(header)")
            }
            let zeros = String(repeating: "0", count: 32)
            for header in [
                nil, "", "00", "00-\(Self.trace)-\(Self.parent)", "00-\(Self.trace)-\(Self.parent)-01-more",
                "00-\(Self.trace)-\(Self.parent)-01more", "cc-\(Self.trace)-\(Self.parent)-01more",
                "ff-\(Self.trace)-\(Self.parent)-01", "00-\(zeros)-\(Self.parent)-01",
                "00-\(Self.trace)-\(zeros.prefix(16))-01", "00-\(Self.trace.uppercased())-\(Self.parent)-01",
                "00-\(Self.trace)-\(Self.parent)-0x", "0-\(Self.trace)-\(Self.parent)-001",
            ] {
                let parts = try await answered(header)
                #expect(parts[1] != Self.trace && parts[1] != zeros && parts[3] == "01", "\(header ?? "none")")
            }
            // Probes and lists have none.
            #expect(try await server.send("GET", "/api/tags", headers: [Self.header]).header("traceparent") == nil)
        }
    }

    @Test func withoutTracingThereIsNone() async throws {
        try await LiveServer.run(models: []) { server in
            let answer = try await server.send(
                "POST", "/api/generate", ["model": "none", "prompt": "Hi"], headers: [Self.header])
            #expect(answer.status == 404 && answer.header("traceparent") == nil)
        }
    }

    @Test func theLogHasALineASpan() async throws {
        var options = ServerOptions()
        options.tracing = .log
        let lines = LogLines()
        try await LiveServer.run(options, models: [], logger: lines.logger) { server in
            let body: JSONValue = ["model": "none", "prompt": "Rumpelstiltskin"]
            _ = try await server.send("POST", "/api/generate", body, headers: [Self.header])
            _ = try await server.send(
                "POST", "/api/generate", body, headers: [("traceparent", "00-\(Self.trace)-\(Self.parent)-00")])
        }
        let spans = lines.all.filter { $0.message.hasPrefix("span ") }
        #expect(spans.map(\.message) == ["span POST /api/generate"], "the one that others do not keep is not kept")
        let metadata = try #require(spans.first?.metadata)
        #expect(metadata["trace_id"] == Self.trace && metadata["parent_id"] == Self.parent)
        #expect(metadata["http.response.status_code"]?.contains("404") == true)
        #expect(!lines.all.contains { "\($0)".contains("Rumpelstiltskin") })
    }

    @Test(.enabled(if: TestModel.isThere)) func aCollectorGetsACallAndItsParts() async throws {
        try await Collector.with { collector in
            var options = ServerOptions()
            options.tracing = try TracingBackend("otlp=" + collector.url)
            let before = Date().timeIntervalSince1970 * 1e9
            let spans = try await LiveServer.run(options) { server in
                let answer = try await server.send(
                    "POST", "/api/generate",
                    [
                        "model": "smol", "prompt": "My name is Rumpelstiltskin", "stream": false,
                        "options": ["num_predict": 5, "temperature": 0, "logit_bias": ["2": false, "0": false]],
                    ], headers: [Self.header])
                #expect(answer.status == 200)
                let own = try #require(answer.header("traceparent")).split(separator: "-")
                #expect(own[1] == Self.trace && own[3] == "01")
                let spans = try await collector.spans(5)
                #expect(spans.contains { $0["spanId"]?.string == String(own[2]) && $0["name"] == "POST /api/generate" })
                return spans
            }
            #expect(spans.map { $0["name"]?.string } == ["load", "queue", "prefill", "decode", "POST /api/generate"])
            for delivery in collector.deliveries {
                #expect(delivery.method == "POST" && delivery.path == "/v1/traces")
                #expect(delivery.contentType == "application/json")
                #expect(!delivery.body.contains("Rumpelstiltskin"))
                let resource = try JSONValue(parsing: delivery.body)["resourceSpans"]?.array?.first?["resource"]
                #expect(Self.attribute("service.name", resource) == ["stringValue": "swiftlet"])
            }
            let root = try #require(spans.last)
            #expect(root["kind"] == 2 && root["parentSpanId"]?.string == Self.parent && root["status"] == nil)
            #expect(Self.attribute("http.route", root) == ["stringValue": "/api/generate"])
            #expect(Self.attribute("http.request.method", root) == ["stringValue": "POST"])
            #expect(Self.attribute("http.response.status_code", root) == ["intValue": "200"])
            #expect(Self.attribute("gen_ai.request.model", root) == ["stringValue": "smol:latest"])
            #expect(Self.attribute("gen_ai.usage.output_tokens", root) == ["intValue": "5"])
            #expect(Self.attribute("gen_ai.usage.input_tokens", root)?["intValue"]?.string.flatMap { Int($0) } ?? 0 > 5)
            let whole = try Self.times(root)
            #expect(whole.start >= before && whole.end <= Date().timeIntervalSince1970 * 1e9)
            #expect(Set(spans.map { $0["spanId"]?.string }).count == 5)
            var last = whole.start
            for part in spans.dropLast() {
                #expect(part["traceId"]?.string == Self.trace && part["parentSpanId"] == root["spanId"])
                #expect(part["kind"] == 1)
                let times = try Self.times(part)
                // A hundredth of a second for the ways between them.
                #expect(times.start >= last - 1e7 && times.end >= times.start && times.end <= whole.end + 1e7)
                last = times.end
            }
        }
    }

    /// A collector that is busy gets spans later; one that is not there costs nothing but them.
    @Test func callsGoOnWithoutACollector() async throws {
        try await Collector.with(status: { $0 < 3 ? 503 : 200 }) { collector in
            var options = ServerOptions()
            options.tracing = try TracingBackend("otlp=" + collector.url)
            try await LiveServer.run(options, models: []) { server in
                for _ in 0..<3 {
                    let answer = try await server.send("POST", "/api/generate", ["model": "none", "prompt": "Hi"])
                    #expect(answer.status == 404)
                }
                for _ in 0..<120 where collector.deliveries.count < 3 { try await Task.sleep(for: .milliseconds(50)) }
            }
            #expect(collector.deliveries.count == 3)
            #expect(Set(collector.deliveries.map(\.body)).count == 1, "the same spans again")
        }
        var options = ServerOptions()
        // Nobody listens there.
        options.tracing = try TracingBackend("otlp=http://127.0.0.1:9")
        let lines = LogLines()
        let start = ContinuousClock.now
        try await LiveServer.run(options, models: [], logger: lines.logger) { server in
            for _ in 0..<20 {
                #expect(
                    try await server.send("POST", "/api/generate", ["model": "none", "prompt": "Hi"]).status == 404)
            }
            for _ in 0..<60 where !lines.all.contains(where: { $0.message.contains("collector") }) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(start.duration(to: .now) < .seconds(10))
        #expect(lines.all.filter { $0.message == "the collector does not take spans" }.count == 1, "told once")
    }

    private static func attribute(_ name: String, _ owner: JSONValue?) -> JSONValue? {
        owner?["attributes"]?.array?.first { $0["key"]?.string == name }?["value"]
    }

    private static func times(_ span: JSONValue) throws -> (start: Double, end: Double) {
        func time(_ name: String) throws -> Double { try #require(span[name]?.string.flatMap { Double($0) }) }
        return (try time("startTimeUnixNano"), try time("endTimeUnixNano"))
    }
}
