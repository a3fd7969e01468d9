import SwiftletEngine

extension ServerMetrics {
    /// What is not counted but looked at when someone asks.
    struct Surroundings: Sendable {
        /// Models in memory, each with what its engine does.
        var models: [(name: String, bytes: Int, weightBytes: Int, status: EngineStatus)]
        var modelBudget: Int
        var connections: Int
        var closures: [(reason: ConnectionPace.Reason, count: Int)]
        var isReady: Bool
        var process: ProcessFacts
    }

    func text(_ form: MetricsText.Form, _ now: Surroundings) -> String {
        var text = MetricsText(form)
        addStates(now, &text)
        addCounters(&text)
        addHistograms(&text)
        addServer(now, &text)
        return text.whole
    }

    /// What models do now; all that were ever loaded are there, so that a graph goes to zero and does not end.
    private func addStates(_ now: Surroundings, _ text: inout MetricsText) {
        func gauge(_ name: String, _ help: String, _ value: (EngineStatus) -> Double) {
            text.gauge(
                name, help,
                models.map { model in
                    let states = now.models.filter { $0.name == model.name }.map { $0.status }
                    return (Self.labels(model.name), states.reduce(0) { $0 + value($1) })
                })
        }
        gauge("vllm:num_requests_running", "Requests that take part in model steps.") { Double($0.running) }
        gauge("vllm:num_requests_waiting", "Requests that wait for a place.") { Double($0.waiting) }
        gauge("vllm:kv_cache_usage_perc", "Share of the KV cache that running requests hold; 1 is all.") { status in
            status.totalPages > 0 ? Double(status.usedPages) / Double(status.totalPages) : 0
        }
        gauge("swiftlet_kv_cache_used_bytes", "Bytes of the KV cache that running requests hold.") {
            Double($0.usedPages) * Double($0.pageBytes)
        }
        gauge("swiftlet_kv_cache_kept_bytes", "Bytes of computed prefixes that no running request needs.") {
            Double($0.keptPages) * Double($0.pageBytes)
        }
        gauge("swiftlet_kv_cache_bytes", "Bytes that the KV cache may take.") {
            Double($0.totalPages) * Double($0.pageBytes)
        }
    }

    private func addCounters(_ text: inout MetricsText) {
        let counts = models.map { (Self.labels($0.name), $0.metrics.counts) }
        func counter(_ name: String, _ help: String, _ value: (ModelMetrics.Counts) -> Int) {
            text.counter(name, help, counts.map { ($0, Double(value($1))) })
        }
        counter("vllm:prompt_tokens_total", "Tokens of prompts that were read.", \.promptTokens)
        counter("vllm:generation_tokens_total", "Tokens that were generated.", \.generatedTokens)
        counter(
            "vllm:prefix_cache_queries_total", "Tokens that were looked for among computed prefixes.", \.promptTokens)
        counter("vllm:prefix_cache_hits_total", "Tokens that were found among computed prefixes.", \.cachedTokens)
        counter(
            "vllm:num_preemptions_total", "Times that a request had to give its memory to another.", \.preemptions)
        text.counter(
            "vllm:request_success_total", "Requests that ended, by how: abort is a client that went, error a failure.",
            counts.flatMap { labels, counts -> [(MetricsText.Labels, Double)] in
                let ends = [
                    ("stop", counts.stopped), ("length", counts.cut), ("abort", counts.cancelled),
                    ("error", counts.failed),
                ]
                return ends.map { reason, count in (labels + [(name: "finished_reason", value: reason)], Double(count))
                }
            })
        counter("swiftlet_model_steps_total", "Model steps.", \.steps)
        counter("swiftlet_model_loads_total", "Times that the model was loaded.", \.loads)
        counter(
            "swiftlet_prefix_store_loaded_tokens_total", "Tokens whose keys and values came from disk.", \.loadedTokens)
    }

    private func addHistograms(_ text: inout MetricsText) {
        func histogram(_ name: String, _ help: String, _ value: (ModelMetrics) -> Histogram) {
            text.histogram(name, help, models.map { (Self.labels($0.name), value($0.metrics)) })
        }
        histogram("vllm:time_to_first_token_seconds", "From a request to its first token.", \.timeToFirstToken)
        histogram("vllm:inter_token_latency_seconds", "From a token to the next one.", \.interTokenLatency)
        histogram("vllm:e2e_request_latency_seconds", "From a request to its last token.", \.requestLatency)
        histogram("vllm:request_queue_time_seconds", "From a request to its first place in a step.", \.queueTime)
        histogram("vllm:request_prefill_time_seconds", "From the first place to the first token.", \.prefillTime)
        histogram("vllm:request_decode_time_seconds", "From the first token to the last one.", \.decodeTime)
        histogram("vllm:request_prompt_tokens", "Tokens of a request's prompt.", \.promptTokens)
        histogram("vllm:request_generation_tokens", "Tokens of a request's answer.", \.generationTokens)
    }

    private func addServer(_ now: Surroundings, _ text: inout MetricsText) {
        text.counter(
            "swiftlet_http_requests_total", "Answers by route and status; 499 is a client that went.",
            answered.map { answered, count in
                (
                    [
                        ("method", answered.method), ("route", answered.route), ("status", String(answered.status)),
                    ], Double(count)
                )
            })
        func gauge(_ name: String, _ help: String, _ value: Int?) {
            if let value { text.gauge(name, help, [([], Double(value))]) }
        }
        gauge("swiftlet_http_requests_in_flight", "Requests that are being answered.", requestsInFlight)
        gauge("swiftlet_http_connections", "Open connections.", now.connections)
        text.counter(
            "swiftlet_http_connections_closed_total", "Connections that the server refused or closed, by the reason.",
            now.closures.map { ([("reason", $0.reason.rawValue)], Double($0.count)) })
        gauge("swiftlet_ready", "1 if the server takes requests.", now.isReady ? 1 : 0)
        gauge("swiftlet_loaded_models", "Models in memory.", now.models.count)
        text.gauge(
            "swiftlet_model_bytes", "What a loaded model takes in the memory plan: weights, cache, working memory.",
            Dictionary(grouping: now.models, by: { $0.name }).sorted { $0.key < $1.key }.map { name, models in
                (Self.labels(name), Double(models.reduce(0) { $0 + $1.bytes }))
            })
        text.gauge(
            "swiftlet_model_weight_bytes", "The size of a loaded model's file: what a step reads of weights, at most.",
            Dictionary(grouping: now.models, by: { $0.name }).sorted { $0.key < $1.key }.map { name, models in
                (Self.labels(name), Double(models.map { $0.weightBytes }.max() ?? 0))
            })
        gauge("swiftlet_model_budget_bytes", "What all models may take together.", now.modelBudget)
        gauge(
            "swiftlet_prefix_store_bytes", "Bytes of prefixes on disk, as far as loaded models know.",
            now.models.map { $0.status.storedBytes }.max() ?? 0)
        gauge("process_resident_memory_bytes", "Resident memory, mapped files too.", now.process.residentBytes)
        gauge("swiftlet_process_own_bytes", "Resident memory without mapped files.", now.process.ownBytes)
        text.counter(
            "process_cpu_seconds_total", "Processor time, of user and system.", [([], now.process.processorSeconds)])
        text.gauge(
            "process_start_time_seconds", "Start of the server, in seconds since 1970.", [([], now.process.start)])
    }

    private static func labels(_ model: String) -> MetricsText.Labels { [("model_name", model)] }
}
