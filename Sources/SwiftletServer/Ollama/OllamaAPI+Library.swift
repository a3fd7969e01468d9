import Foundation
import Hummingbird
import SwiftletGround
import SwiftletLibrary

/// What is in the library and what of it is loaded.
extension OllamaAPI {
    static func tags(_ call: Call) async throws -> Response {
        let models = call.manifests.map { manifest in
            JSONValue.object(
                description(of: manifest, adding: [("modified_at", .string(Timestamp.text(manifest.pulled)))]))
        }
        return .json(["models": .array(models)])
    }

    static func ps(_ call: Call) async throws -> Response {
        let now = (clock: ContinuousClock.now, date: Date())
        let models = await call.loaded.map { model in
            let expiry = model.nextExpiry.map { Timestamp.text(now.date + (now.clock.duration(to: $0) / .seconds(1))) }
            return JSONValue.object(
                description(
                    of: model.manifest,
                    adding: [
                        ("expires_at", .string(expiry ?? farFuture)), ("size_vram", 0),
                        ("context_length", .integer(Int64(model.contextLength))),
                    ], size: model.bytes))
        }
        return .json(["models": .array(models)])
    }

    /// What Ollama says of a model everywhere.
    static func description(
        of manifest: Manifest, adding more: [(String, JSONValue)], size: Int? = nil
    ) -> JSONObject {
        JSONObject(
            [
                ("name", .string(manifest.name)), ("model", .string(manifest.name)),
                ("size", .integer(Int64(size ?? manifest.size))), ("digest", .string(manifest.digest)),
                ("details", details(of: manifest)),
            ] + more)
    }

    static func details(of manifest: Manifest) -> JSONValue {
        let facts = manifest.facts
        let family = facts?.architecture ?? ""
        return [
            "parent_model": .string(manifest.settings?.parent ?? ""),
            "format": .string(manifest.isGGUF ? "gguf" : "safetensors"), "family": .string(family),
            "families": [.string(family)], "parameter_size": .string(parameterSize(facts?.parameters ?? 0)),
            "quantization_level": .string(facts?.quantization ?? "unknown"),
        ]
    }

    /// "134.52M", as Ollama's format.HumanNumber writes it.
    static func parameterSize(_ count: Int) -> String {
        func text(_ value: Double, _ unit: String) -> String {
            let digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
            return String(format: "%.\(unit == "M" ? 2 : digits == 0 ? 0 : 1)f", value) + unit
        }
        let number = Double(count)
        if number >= 1e9 { return text(number / 1e9, "B") }
        if number >= 1e6 { return text(number / 1e6, "M") }
        if number >= 1e3 { return text(number / 1e3, "K") }
        return String(count)
    }

    /// When models that stay for ever go.
    static let farFuture = "2318-01-01T00:00:00Z"
}
