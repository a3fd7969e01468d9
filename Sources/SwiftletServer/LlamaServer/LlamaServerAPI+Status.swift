import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletModels
import SwiftletTokenizers

/// What a loaded model is, and what it does now.
extension LlamaServerAPI {
    static func props(_ call: Call) async throws -> Response {
        let model = try await call.hold(queried(call))
        let (chat, vocabulary) = (model.chat, model.tokenizer.vocabulary)
        let special = vocabulary.special
        func text(_ token: TokenID?) -> JSONValue { .string(token.flatMap { vocabulary.text(of: $0) } ?? "") }
        let context = JSONValue.integer(Int64(model.lease.model.contextLength))
        let tools = JSONValue.bool(chat.supportsTools)
        let capabilities: JSONValue = [
            "supports_tools": tools, "supports_tool_calls": tools,
            "supports_reasoning": .bool(chat.supportsReasoning), "supports_system_role": .bool(chat.supportsChat),
        ]
        let members: [(String, JSONValue)] = [
            (
                "default_generation_settings",
                ["params": .object(model.defaults.settings.generationSettings), "n_ctx": context]
            ),
            ("total_slots", .integer(Int64(chat.engine.options.maxSequences))), ("model_alias", .string(model.name)),
            ("model_ftype", .string(model.lease.model.manifest.facts?.quantization ?? "")),
            // Where files lie is nobody's business but this machine's.
            ("model_path", .string(model.lease.model.name.description)),
            ("modalities", ["vision": false, "video": false, "audio": false]), ("endpoint_slots", true),
            ("endpoint_props", false), ("endpoint_metrics", true),
            ("chat_template", .string(chat.template?.source ?? "")), ("chat_template_caps", capabilities),
            ("bos_token", text(special.beginningOfSequence)), ("eos_token", text(special.endOfSequence)),
            ("build_info", .string(ResponseHead.fingerprint)), ("is_sleeping", false),
        ]
        return .json(.object(JSONObject(members)))
    }

    /// A slot for each sequence that a loaded model may run at once; none for one that is not loaded. Sequences are not bound to
    /// slots: of the busy ones only the number means something.
    static func slots(_ call: Call) async throws -> Response {
        let name = try call.resolve(named: await call.modelName(queried(call))).name
        // Who watches does not keep a model loaded.
        let loaded = await call.core.host.loaded.first { $0.name == name }
        guard let loaded, case .language(let chat) = loaded.content else { return .json([]) }
        let status = await chat.engine.status()
        let count = chat.engine.options.maxSequences
        if status.running >= count, call.request.uri.queryParameters["fail_on_no_slot"] != nil {
            throw RequestFailure(.serviceUnavailable, "no slot available", retryAfter: 1)
        }
        let slots = (0..<count).map { index -> JSONValue in
            [
                "id": .integer(Int64(index)), "n_ctx": .integer(Int64(loaded.contextLength)), "speculative": false,
                "is_processing": .bool(index < status.running),
            ]
        }
        return .json(.array(slots))
    }

    /// `?model=NAME`, as a body would have it.
    private static func queried(_ call: Call) throws -> Fields {
        let name = call.request.uri.queryParameters["model"].map { JSONValue.string(String($0)) }
        return try Fields(["model": name ?? .null])
    }
}
