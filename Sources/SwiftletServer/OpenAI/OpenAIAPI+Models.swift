import Foundation
import Hummingbird
import SwiftletGround
import SwiftletLibrary

/// The models of the library, as OpenAI and llama-server list them.
extension OpenAIAPI {
    static func models(_ call: Call) async throws -> Response {
        .json(["object": "list", "data": .array(call.manifests.map(description))])
    }

    static func model(_ call: Call) async throws -> Response {
        let location = try call.resolve(named: call.restOfPath)
        return .json(description(of: location.manifest))
    }

    private static func description(of manifest: Manifest) -> JSONValue {
        var object: JSONObject = [
            "id": .string(manifest.name), "object": "model",
            "created": .integer(Int64(manifest.pulled.timeIntervalSince1970)), "owned_by": "swiftlet",
        ]
        if let facts = manifest.facts {
            object["meta"] = [
                "n_ctx_train": facts.contextLength.map { .integer(Int64($0)) } ?? .null,
                "n_params": .integer(Int64(facts.parameters)),
                "size": .integer(Int64(manifest.size)), "ftype": .string(facts.quantization),
            ]
        }
        return .object(object)
    }
}
