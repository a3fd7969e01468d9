import Foundation
import SwiftletGround
import SwiftletServer

/// A server's numbers at one moment.
struct TopReading: Sendable {
    struct Model: Sendable {
        var name: String
        var running = 0.0
        var waiting = 0.0
        /// The share of the cache that running requests hold.
        var cacheUse = 0.0
        /// In the memory plan; 0 for one that is not loaded.
        var bytes = 0.0
        /// What a step reads of weights, at most.
        var weightBytes = 0.0
        var promptTokens = 0.0
        var cachedTokens = 0.0
        var generatedTokens = 0.0
        var steps = 0.0
        var firstTokens = 0.0
        var firstTokenSeconds = 0.0
        /// When an idle model goes; nil for one that stays or is not loaded.
        var expiry: Date?
    }

    let time: ContinuousClock.Instant
    var models: [Model]
    var isReady: Bool
    var start: Date?
    var inFlight: Double
    var connections: Double
    var answers: Double
    /// Of them, those with a status from 500 on.
    var failures: Double
    var modelBudget: Double
    var residentBytes: Double?
    var ownBytes: Double?
    var processorSeconds: Double
    var storedBytes: Double

    /// `loaded` is the answer of /api/ps.
    init(_ samples: MetricsSamples, loaded: JSONValue?, time: ContinuousClock.Instant) {
        self.time = time
        func value(_ name: String) -> Double? { samples.sum(name).flatMap { $0.isFinite ? $0 : nil } }
        var expiries: [String: Date] = [:]
        for model in loaded?["models"]?.array ?? [] {
            guard let name = model["name"]?.string, let text = model["expires_at"]?.string else { continue }
            expiries[name] = Self.date(text)
        }
        models = samples.values(ofLabel: "model_name").sorted().map { name in
            func number(_ metric: String) -> Double {
                samples.sum(metric, where: ("model_name", name)).flatMap { $0.isFinite ? $0 : nil } ?? 0
            }
            return Model(
                name: name, running: number("vllm:num_requests_running"), waiting: number("vllm:num_requests_waiting"),
                cacheUse: number("vllm:kv_cache_usage_perc"), bytes: number("swiftlet_model_bytes"),
                weightBytes: number("swiftlet_model_weight_bytes"), promptTokens: number("vllm:prompt_tokens_total"),
                cachedTokens: number("vllm:prefix_cache_hits_total"),
                generatedTokens: number("vllm:generation_tokens_total"), steps: number("swiftlet_model_steps_total"),
                firstTokens: number("vllm:time_to_first_token_seconds_count"),
                firstTokenSeconds: number("vllm:time_to_first_token_seconds_sum"), expiry: expiries[name])
        }
        isReady = value("swiftlet_ready") == 1
        start = value("process_start_time_seconds").map { Date(timeIntervalSince1970: $0) }
        inFlight = value("swiftlet_http_requests_in_flight") ?? 0
        connections = value("swiftlet_http_connections") ?? 0
        let answered = samples["swiftlet_http_requests_total"]
        answers = answered.reduce(0) { $0 + $1.value }
        failures = answered.filter { $0.labels["status"]?.first == "5" }.reduce(0) { $0 + $1.value }
        modelBudget = value("swiftlet_model_budget_bytes") ?? 0
        residentBytes = value("process_resident_memory_bytes")
        ownBytes = value("swiftlet_process_own_bytes")
        processorSeconds = value("process_cpu_seconds_total") ?? 0
        storedBytes = value("swiftlet_prefix_store_bytes") ?? 0
    }

    /// Ollama's far future, for models that stay, is none.
    private static func date(_ text: String) -> Date? {
        let form = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? form.parse(text)) ?? (try? Date(text, strategy: .iso8601)) else { return nil }
        return date.timeIntervalSinceNow < 10 * 365 * 86400 ? date : nil
    }
}
