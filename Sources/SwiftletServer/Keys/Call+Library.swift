import SwiftletGround
import SwiftletLibrary

/// The library as the caller's key may see it: what it may not use is not there, in lists and in errors.
extension Call {
    private var key: APIKey? { caller.holder?.key }

    /// The manifests of all models that the caller may use.
    var manifests: [Manifest] {
        let all = core.library.models().manifests
        guard let key, key.models != nil else { return all }
        return all.filter { manifest in (try? ModelName(manifest.name)).map(key.allows) ?? false }
    }

    /// The loaded models that the caller may use, those used last first.
    var loaded: [LoadedModel] {
        get async {
            let all = await core.host.loaded
            guard let key, key.models != nil else { return all }
            return all.filter { key.allows($0.name) }
        }
    }

    /// What a name means to the caller.
    func resolve(named text: String) throws -> NamedModel {
        guard let key, key.models != nil else { return try core.library.resolve(named: text) }
        // One answer for all that is not the caller's; the library's own would tell of names nearby.
        guard let name = try? core.library.installedName(ModelName(text)), key.allows(name) else {
            throw ServerError(.noModel, "not found", at: "model \"\(text.prefix(80))\"")
        }
        return try core.library.resolve(named: text)
    }

    /// A hold on a model that the caller may use; see `ModelHost.lease`.
    func lease(
        _ name: String, keepAlive: KeepAlive? = nil, contextLength: Int? = nil
    ) async throws -> ModelLease {
        try await core.host.lease(resolve(named: name), keepAlive: keepAlive, contextLength: contextLength)
    }
}
