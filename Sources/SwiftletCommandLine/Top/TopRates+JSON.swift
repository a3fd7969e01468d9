import Foundation
import SwiftletGround

extension TopRates {
    /// Bytes, seconds, and shares of 1.
    func json(limit: Double?) -> JSONValue {
        func optional(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        func model(_ model: Model) -> JSONObject {
            JSONObject([
                ("running", .number(model.now.running)), ("waiting", .number(model.now.waiting)),
                ("prompt_tokens_per_second", .number(model.promptRate)),
                ("generation_tokens_per_second", .number(model.generationRate)),
                ("prefix_hit_share", optional(model.hits)), ("time_to_first_token", optional(model.firstToken)),
                ("kv_cache_usage", .number(model.now.cacheUse)), ("memory_bytes", .number(model.now.bytes)),
                ("weight_bytes_per_second", .number(model.weightsRead)),
            ])
        }
        var object = JSONObject([
            ("time", .string(Date().ISO8601Format())), ("seconds", .number(seconds)), ("ready", .bool(now.isReady)),
        ])
        for member in model(total) { object[member.key] = member.value }
        object["memory_limit_bytes"] = .number(now.modelBudget)
        object["resident_bytes"] = optional(now.residentBytes)
        object["own_bytes"] = optional(now.ownBytes)
        object["processors"] = .number(processors)
        object["in_flight"] = .number(now.inFlight)
        object["connections"] = .number(now.connections)
        object["answers_per_second"] = .number(answerRate)
        object["failures_per_second"] = .number(failureRate)
        object["limit_bytes_per_second"] = optional(limit)
        object["share_of_limit"] = optional(limit.map { total.weightsRead / $0 })
        object["models"] = .array(
            models.map { rates in
                var object = JSONObject([("model", .string(rates.now.name))])
                for member in model(rates) { object[member.key] = member.value }
                return .object(object)
            })
        return .object(object)
    }
}
