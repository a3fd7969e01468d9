import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletModels
import SwiftletTokenizers

/// A model that writes text, held for a request, and under what name the answer tells it.
struct HeldModel: Sendable {
    let lease: ModelLease
    let chat: ChatModel
    let tokenizer: any Tokenizer
    let name: String
    let client: String
    let priority: Int
    let deadline: ContinuousClock.Instant?

    /// What the model brings to a request.
    var defaults: RequestDefaults {
        RequestDefaults(
            system: lease.model.settings.system, vocabulary: .known(tokenizer), client: client, priority: priority,
            deadline: deadline)
    }
    var speller: TokenSpeller { TokenSpeller(tokenizer) }
    /// Answers of one request that the engine gets together: enough to keep it busy, and never more than it lets wait.
    var atOnce: Int {
        let options = chat.engine.options
        return options.maxSequences + min(options.maxSequences, options.maxWaiting)
    }
    /// The head of a new response.
    var head: ResponseHead { .now(model: name) }
}

extension Call {
    /// Holds the model that a request names; without a name, the one that was used last, or the only one there is.
    func hold(_ fields: Fields) async throws -> HeldModel {
        let (name, deadline) = (try await modelName(fields), try deadline())
        let lease = try await lease(name)
        let chat = try lease.chat
        return HeldModel(
            lease: lease, chat: chat, tokenizer: try chat.engine.model.tokenizer, name: name, client: client,
            priority: priority, deadline: deadline)
    }

    /// The same, and the request as `read` reads it. A model is not loaded for one that is wrong with any model.
    func hold<Request>(
        _ fields: Fields, read: (RequestDefaults) throws -> Request
    ) async throws -> (model: HeldModel, request: Request) {
        let location = try resolve(named: try await modelName(fields))
        if await !core.host.loaded.contains(where: { $0.name == location.name }) {
            _ = try read(RequestDefaults(vocabulary: .later))
        }
        let model = try await hold(fields)
        return (model, try read(model.defaults))
    }

    func modelName(_ fields: Fields) async throws -> String {
        if let name = try fields.string("model"), !name.isEmpty { return name }
        if let loaded = await loaded.first { return loaded.name.description }
        let manifests = manifests
        guard manifests.count == 1, let only = manifests.first else {
            throw RequestProblem(.missing, at: fields.path.key("model"))
        }
        return only.name
    }
}
