import SwiftletGround
import SwiftletServer
import Testing

/// The reader of Prometheus' text format that `swiftlet top` stands on.
@Suite struct MetricsSamplesTests {
    @Test func whatIsWrittenIsRead() throws {
        var text = MetricsText(.prometheus)
        text.gauge("odd", "a \\ and\na line", [([("name", "quote \" back \\ line \n end, }=")], 1.5), ([], -2e-7)])
        let histogram = Histogram([0.1, 1])
        for value in [0.05, 0.5, 7] { histogram.observe(value) }
        text.histogram("times", "Times.", [([("model", "a")], histogram)])
        let samples = try MetricsSamples(text.whole)
        #expect(samples["odd"].map(\.value) == [1.5, -2e-7])
        #expect(samples["odd"].first?.labels == ["name": "quote \" back \\ line \n end, }="])
        #expect(samples["times_bucket"].map { $0.labels["le"] } == ["0.1", "1.0", "+Inf"])
        #expect(samples.sum("times_bucket") == 6 && samples.sum("times_count", where: ("model", "a")) == 3)
        #expect(samples.sum("times_count", where: ("model", "b")) == nil && samples["none"].isEmpty)
        #expect(samples.values(ofLabel: "model") == ["a"])
    }

    @Test(arguments: [
        "", "\n\n", "# HELP x y\n# TYPE x gauge\n#\n", "x 1", "x{} 1\n", "x{a=\"b\",} 1\n", "x{a=\"\"} +Inf\n",
        "x NaN 1700000000000\n",
        "a:b 1e-7\n",
    ])
    func formsThatAreAllowed(_ text: String) throws { _ = try MetricsSamples(text) }

    @Test(arguments: [
        "x\n", "x \n", "x  1\n", "x 1 \n", "x 1 2 3\n", "x one\n", "x 0x10\n", "x infinity\n", "x nan\n", "x 1\r\n",
        "1x 1\n", " x 1\n", "é 1\n",
        "x{ 1\n", "x{a} 1\n", "x{a=b} 1\n", "x{a=\"b} 1\n", "x{a=\"b\"\n", "x{a=\"\\x\"} 1\n", "x{a=\"b\"a=\"c\"} 1\n",
        "x{a=\"b\",a=\"c\"} 1\n", "x{,} 1\n", "x{a:b=\"c\"} 1\n", "x{1=\"c\"} 1\n", "x{a=\"b\"}1\n", "x 1 1.5\n",
        "x 1\nx 2\n",
        "x{a=\"1\",b=\"2\"} 1\nx{b=\"2\",a=\"1\"} 1\n", "<html>\n",
    ])
    func othersAreRefused(_ text: String) throws {
        let error = #expect(throws: ServerError.self) { try MetricsSamples(text) }
        #expect(error?.place?.hasPrefix("line ") == true)
    }

    @Test func aServersOwnNumbers() async throws {
        try await LiveServer.run(models: []) { server in
            let text = try await server.send("GET", "/metrics").text
            let samples = try MetricsSamples(text)
            for family in try Exposition(text).families.values {
                for sample in family.samples {
                    let found = samples[sample.name].filter { $0.labels == sample.labels }
                    #expect(found.map(\.value) == [sample.value], "\(sample)")
                }
            }
            // Any byte changed is another number, another name, or refused; never a crash.
            var random = SystemRandomNumberGenerator()
            for _ in 0..<300 {
                var bytes = Array(text.utf8)
                for _ in 0..<3 {
                    bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
                _ = try? MetricsSamples(String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
