import AsyncHTTPClient
import Foundation
import SwiftletGround
import SwiftletServer
import Testing

/// GET /metrics over real sockets, read by a strict reader of the format.
@Suite struct MetricsTests {
    @Test func thereAreNumbersWithoutModels() async throws {
        try await LiveServer.run(models: []) { server in
            _ = try await server.send("GET", "/api/tags")
            _ = try await server.send("GET", "/api/nothing/at/all")
            _ = try await server.send("GET", "/api/nothing/else")
            let answer = try await server.send("GET", "/metrics")
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            let numbers = try Exposition(answer.text)
            #expect(try numbers.http("/api/tags", 200) == 1)
            // Requests make no lines of their own.
            #expect(try numbers.http("(unknown)", 404) == 2)
            #expect(try numbers.value("swiftlet_loaded_models") == 0)
            #expect(try numbers.value("swiftlet_ready") == 1)
            #expect(try numbers.value("swiftlet_http_requests_in_flight") == 1)
            #expect(try numbers.value("process_resident_memory_bytes") > 1e6)
            #expect(try numbers.value("process_cpu_seconds_total") > 0)
            #expect(abs(try numbers.value("process_start_time_seconds") - Date().timeIntervalSince1970) < 3600)
            #expect(numbers.families["vllm:num_requests_running"]?.type == "gauge")
            #expect(numbers.families["vllm:time_to_first_token_seconds"]?.type == "histogram")
        }
    }

    @Test func openMetricsIfAsked() async throws {
        try await LiveServer.run(models: []) { server in
            let accept = "application/openmetrics-text; version=1.0.0,text/plain;q=0.5"
            let answer = try await server.send("GET", "/metrics", headers: [("Accept", accept)])
            #expect(answer.header("Content-Type")?.hasPrefix("application/openmetrics-text; version=1.0.0") == true)
            #expect(answer.text.hasSuffix("# EOF\n"))
            #expect(answer.text.contains("# TYPE vllm:prompt_tokens counter\n"))
        }
    }

    @Test func namesAndTextsAreEscaped() throws {
        var text = MetricsText(.prometheus)
        text.gauge("odd", "a \\ and\na line", [([("name", "quote \" back \\ line \n end")], 1.5)])
        #expect(text.whole.hasPrefix("# HELP odd a \\\\ and\\na line\n"))
        #expect(try Exposition(text.whole).value("odd", ["name": "quote \" back \\ line \n end"]) == 1.5)
    }

    @Test func bucketsTakeTheirBounds() throws {
        let histogram = Histogram([0.1, 1])
        for value in [0.05, 0.1, 0.5, 1, 7] { histogram.observe(value) }
        histogram.observe(0.25, count: 2)
        var text = MetricsText(.prometheus)
        text.histogram("times", "Times.", [([], histogram)])
        let numbers = try Exposition(text.whole)
        #expect(try numbers.value("times_bucket", ["le": "0.1"]) == 2)
        #expect(try numbers.value("times_bucket", ["le": "1.0"]) == 6)
        #expect(try numbers.value("times_bucket", ["le": "+Inf"]) == 7)
        #expect(try numbers.value("times_count") == 7)
        #expect(abs(try numbers.value("times_sum") - 9.15) < 1e-9)
    }

    @Test(.enabled(if: TestModel.isThere)) func countsAddUp() async throws {
        try await LiveServer.run { server in
            let one = try await server.answer("Hi", tokens: 2)
            let two = try await server.answer("Hi there", tokens: 5)
            let chat = try await server.send(
                "POST", "/v1/chat/completions",
                [
                    "model": "smol", "n": 2, "max_tokens": 3, "logit_bias": ["2": false, "0": false],
                    "messages": [["role": "user", "content": "Tell me more."]],
                ])
            #expect(try await server.send("POST", "/api/generate", ["model": "none", "prompt": "Hi"]).status == 404)
            let usage = try chat.json["usage"]
            let prompts = try [one, two].map { try $0.json["prompt_eval_count"]?.integer ?? 0 }
            let read = prompts.reduce(0, +) + 2 * (usage?["prompt_tokens"]?.integer ?? 0)

            let numbers = try await server.idleNumbers()
            let model = ["model_name": "smol:latest"]
            #expect(try numbers.value("vllm:prompt_tokens_total", model) == Double(read))
            #expect(try numbers.value("vllm:prefix_cache_queries_total", model) == Double(read))
            #expect(try numbers.value("vllm:prefix_cache_hits_total", model) > 0)
            #expect(try numbers.value("vllm:generation_tokens_total", model) == 2 + 5 + 3 + 3)
            for (reason, count) in ["length": 4.0, "stop": 0, "abort": 0, "error": 0] {
                let labels = model.merging(["finished_reason": reason]) { $1 }
                #expect(try numbers.value("vllm:request_success_total", labels) == count, "\(reason)")
            }
            #expect(try numbers.value("vllm:time_to_first_token_seconds_count", model) == 4)
            #expect(try numbers.value("vllm:inter_token_latency_seconds_count", model) == 1 + 4 + 2 + 2)
            for name in ["e2e_request_latency", "request_queue_time", "request_prefill_time", "request_decode_time"] {
                #expect(try numbers.value("vllm:\(name)_seconds_count", model) == 4, "\(name)")
            }
            #expect(try numbers.value("vllm:request_generation_tokens_sum", model) == 13)
            let decode = try numbers.value("vllm:request_decode_time_seconds_sum", model)
            let gaps = try numbers.value("vllm:inter_token_latency_seconds_sum", model)
            #expect(abs(decode - gaps) < 0.25 * decode + 0.05, "\(decode) \(gaps)")
            #expect(try numbers.value("vllm:num_requests_waiting", model) == 0)
            #expect(try numbers.value("vllm:kv_cache_usage_perc", model) == 0)
            #expect(try numbers.value("swiftlet_kv_cache_kept_bytes", model) > 0)
            #expect(try numbers.value("swiftlet_model_loads_total", model) == 1)
            #expect(try numbers.value("swiftlet_model_bytes", model) > 98e6)
            #expect(try numbers.http("/api/generate", 200) == 2)
            #expect(try numbers.http("/api/generate", 404) == 1)
            #expect(try numbers.http("/v1/chat/completions", 200) == 1)
        }
    }

    @Test(.enabled(if: TestModel.isThere)) func countsOutliveTheModel() async throws {
        try await LiveServer.run { server in
            _ = try await server.answer("Hi", tokens: 2)
            _ = try await server.send("POST", "/api/generate", ["model": "smol", "keep_alive": 0])
            #expect(try await server.becomesEmpty())
            let unloaded = try await server.idleNumbers()
            let model = ["model_name": "smol:latest"]
            #expect(try unloaded.value("swiftlet_loaded_models") == 0)
            #expect(try unloaded.value("vllm:generation_tokens_total", model) == 2)
            #expect(try unloaded.value("swiftlet_kv_cache_bytes", model) == 0)
            _ = try await server.answer("Hi", tokens: 3)
            let again = try await server.idleNumbers()
            #expect(try again.value("vllm:generation_tokens_total", model) == 5)
            #expect(try again.value("swiftlet_model_loads_total", model) == 2)
            #expect(try again.value("swiftlet_model_steps_total", model) >= 5)
        }
    }

    @Test(.enabled(if: TestModel.isThere)) func clientsThatGoAreCounted() async throws {
        try await LiveServer.run { server in
            var stream: HTTPClientResponse? = try await server.beginEndlessStream("smol")
            let model = ["model_name": "smol:latest"]
            // The engine tells its state after a step.
            var running = try await server.numbers()
            for _ in 0..<100 {
                if try running.value("vllm:num_requests_running", model) > 0 { break }
                try await Task.sleep(for: .milliseconds(20))
                running = try await server.numbers()
            }
            #expect(try running.value("vllm:num_requests_running", model) == 1)
            #expect(try running.value("vllm:kv_cache_usage_perc", model) > 0)
            #expect(try running.value("swiftlet_http_requests_in_flight") == 2)
            #expect(stream != nil)
            stream = nil
            let numbers = try await server.idleNumbers()
            let aborted = ["model_name": "smol:latest", "finished_reason": "abort"]
            #expect(try numbers.value("vllm:request_success_total", aborted) == 1)
            #expect(try numbers.http("/api/generate", 499) == 1)
        }
    }
}

extension LiveServer {
    /// An answer of exactly so many tokens.
    func answer(_ prompt: String, tokens: Int, model: String = "smol") async throws -> Answer {
        let options: JSONValue = [
            "num_predict": .integer(Int64(tokens)), "temperature": 0, "logit_bias": ["2": false, "0": false],
        ]
        return try await send(
            "POST", "/api/generate",
            ["model": .string(model), "prompt": .string(prompt), "stream": false, "options": options])
    }

    func numbers() async throws -> Exposition { try Exposition(try await send("GET", "/metrics").text) }

    /// The numbers once nothing runs but this request: engines and connections tell their ends a moment after an answer's.
    func idleNumbers() async throws -> Exposition {
        for _ in 0..<100 {
            let numbers = try await numbers()
            let running = numbers.families["vllm:num_requests_running"]?.samples.reduce(0) { $0 + $1.value }
            if try running == 0 && numbers.value("swiftlet_http_requests_in_flight") == 1 { return numbers }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Exposition.Problem("the server is not idle after five seconds")
    }
}

extension Exposition {
    func http(_ route: String, _ status: Int) throws -> Double {
        try value("swiftlet_http_requests_total", ["route": route, "status": String(status)])
    }
}
