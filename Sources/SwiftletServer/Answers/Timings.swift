package import SwiftletEngine
package import SwiftletGround

extension GenerationResult {
    /// llama-server's `timings`.
    package var timings: JSONValue {
        let (fresh, made) = (promptTokens - cachedTokens, tokens.count)
        var object = JSONObject([("cache_n", .integer(Int64(cachedTokens)))])
        for (name, count, duration) in [("prompt", fresh, promptDuration), ("predicted", made, generationDuration)] {
            let milliseconds = duration / .milliseconds(1)
            object["\(name)_n"] = .integer(Int64(count))
            object["\(name)_ms"] = .number(milliseconds)
            object["\(name)_per_token_ms"] = .number(count > 0 ? milliseconds / Double(count) : 0)
            object["\(name)_per_second"] = .number(milliseconds > 0 ? 1e3 * Double(count) / milliseconds : 0)
        }
        return .object(object)
    }
}
