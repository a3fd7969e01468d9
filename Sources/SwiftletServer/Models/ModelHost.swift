import Foundation
import Logging
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletModelFiles
import SwiftletModels

/// Loads models of a library when they are asked for, keeps several within a memory budget, and lets them go when they are
/// idle. A model in use is never dropped.
actor ModelHost {
    private let library: Library
    private var options: ServerOptions
    private let metrics: ServerMetrics
    private let logger: Logger
    /// Bytes for all models together.
    nonisolated let budget: Int
    private var models: [ModelName: LoadedModel] = [:]
    /// Models on their way; all who want one wait for the same task.
    private var loading: [ModelName: Loading] = [:]
    /// Models whose names mean something else by now, while requests still use them.
    private var retired: [LoadedModel] = []
    /// Wakes when the next idle model is due.
    private var sweeper: (due: ContinuousClock.Instant, task: Task<Void, Never>)?

    private struct Loading {
        let bytes: Int
        let task: Task<LoadedModel, any Error>
    }

    init(library: Library, options: ServerOptions, metrics: ServerMetrics, logger: Logger) {
        (self.library, self.options, self.metrics, self.logger) = (library, options, metrics, logger)
        // A fifth stays for everything else.
        budget = options.modelMemory ?? MachineMemory.availableBytes / 5 * 4
    }

    /// Models loaded from now on follow these options.
    func use(_ options: ServerOptions) { self.options = options }

    /// The loaded models, those used last first.
    var loaded: [LoadedModel] { models.values.sorted { $0.current.lastUsed > $1.current.lastUsed } }

    /// All models in memory, also those whose names mean something else by now and that requests still use.
    var resident: [LoadedModel] { loaded + retired.filter { !$0.isIdle } }

    /// A hold on a model, loaded if it is not there.
    ///
    /// Throws `LibraryError` for a name that is not in the library, `ServerError.Code.busy` if models in use have all the
    /// memory, `memory` if it fits under no circumstances, and what is wrong with its file.
    /// `contextLength`: a longer context than the model was loaded with loads it anew.
    func lease(
        _ text: String, keepAlive: KeepAlive? = nil, contextLength: Int? = nil
    ) async throws -> ModelLease {
        try await lease(library.resolve(named: text), keepAlive: keepAlive, contextLength: contextLength)
    }

    /// The same for a name that has been looked up.
    func lease(
        _ location: NamedModel, keepAlive: KeepAlive? = nil, contextLength: Int? = nil
    ) async throws -> ModelLease {
        let start = ContinuousClock.now
        let plan = try LoadPlan(location, options, contextLength: contextLength)
        while true {
            if let model = models[location.name] {
                if model.means(location), model.contextLength >= plan.contextLength {
                    return lease(model, keepAlive, since: start)
                }
            }
            if let other = loading[location.name] {
                // Whether it is what this request needs is seen when it is there.
                _ = try await other.task.value
                try Task.checkCancellation()
                continue
            }
            let model = try await load(location, plan)
            // It was taken when it came: nobody could throw it out while this task waited for its turn.
            defer { model.give() }
            return lease(model, keepAlive, since: start)
        }
    }

    private func lease(
        _ model: LoadedModel, _ keepAlive: KeepAlive?, since start: ContinuousClock.Instant
    ) -> ModelLease {
        CallRecord.current?.use(model: model.name.description, digest: model.digest, since: start)
        model.take(keepAlive)
        return ModelLease(model, loadDuration: start.duration(to: .now)) { [weak self] in
            Task { await self?.sweep() }
        }
    }

    /// Lets an idle model go at once; one in use goes after its last request. Does nothing if it is not loaded.
    func unload(_ name: ModelName) {
        guard let model = models[name] else { return }
        model.take(.duration(.zero))
        model.give()
        sweep()
    }

    func unloadAll() {
        models = [:]
        sweeper?.task.cancel()
    }

    /// The model, taken once for the caller.
    private func load(_ location: NamedModel, _ plan: LoadPlan) async throws -> LoadedModel {
        // The name may mean another file by now, or what is there is not enough; it goes only when there is room for the new
        // one, and requests that run keep it until they end.
        let old = models[location.name]
        try makeRoom(plan.bytes, for: location.name, replacing: old)
        if let old { drop(old, "replaced") }
        let (defaults, logger) = (options.keepAlive.map(KeepAlive.duration) ?? .forever, logger)
        let metrics = metrics.model(location.name.description)
        // The task itself says what is loaded: those who wait may go on before the one who began it.
        let task = Task {
            defer { loading[location.name] = nil }
            // Reading a vocabulary takes a moment; the threads of Swift's pool are for others meanwhile.
            let model = try await Self.onOwnThread {
                let start = ContinuousClock.now
                let content = try plan.load(metrics)
                metrics.loaded()
                let elapsed = start.duration(to: .now)
                logger.info(
                    "loaded \(location.name)",
                    metadata: ["milliseconds": "\(elapsed / .milliseconds(1))", "megabytes": "\(plan.bytes >> 20)"])
                return LoadedModel(
                    name: location.name, manifest: location.manifest, content: content,
                    contextLength: plan.contextLength, bytes: plan.bytes, loadDuration: elapsed, keepAlive: defaults,
                    metrics: metrics)
            }
            model.take(nil)
            models[location.name] = model
            return model
        }
        loading[location.name] = Loading(bytes: plan.bytes, task: task)
        return try await task.value
    }

    /// Lets idle models go, those used longest ago first, until `bytes` more fit the budget.
    private func makeRoom(
        _ bytes: Int, for name: ModelName, replacing old: LoadedModel?
    ) throws(ServerError) {
        guard bytes <= budget else {
            throw ServerError(
                .memory, "needs \(bytes.asBytes) of memory, but all models may have \(budget.asBytes)",
                at: "model \"\(name)\"", advice: "Use a smaller quantization, or a shorter --context")
        }
        retired.removeAll { $0.isIdle }
        var used = (loaded + retired).reduce(0) { $0 + $1.bytes } + loading.values.reduce(0) { $0 + $1.bytes }
        if let old, old.isIdle { used -= old.bytes }
        var others: [LoadedModel] = []
        for model in loaded.reversed() where used + bytes > budget && model.isIdle && model !== old {
            used -= model.bytes
            others.append(model)
        }
        guard used + bytes <= budget else {
            throw ServerError(
                .busy, "needs \(bytes.asBytes) of memory, which models in use have now", at: "model \"\(name)\"",
                advice: "Try again in a moment")
        }
        for model in others { drop(model, "for \(name)") }
    }

    /// Lets go what is due, and sets the clock for what is due next.
    private func sweep() {
        retired.removeAll { $0.isIdle }
        let now = ContinuousClock.now
        var next: ContinuousClock.Instant?
        for model in models.values {
            guard let expiry = model.expiry else { continue }
            if expiry <= now {
                drop(model, "idle")
            } else {
                next = min(next ?? expiry, expiry)
            }
        }
        guard let next, sweeper.map({ $0.due > next || $0.due <= now }) ?? true else { return }
        sweeper?.task.cancel()
        let task = Task { [weak self] in
            guard (try? await Task.sleep(until: next + .milliseconds(1))) != nil else { return }
            await self?.sweep()
        }
        sweeper = (next, task)
    }

    private func drop(_ model: LoadedModel, _ reason: String) {
        models[model.name] = nil
        if !model.isIdle { retired.append(model) }
        logger.info("unloaded \(model.name)", metadata: ["reason": "\(reason)"])
    }

    private static func onOwnThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
        }
    }
}

/// What a name of the library means now.
struct NamedModel: Sendable {
    let name: ModelName
    let manifest: Manifest
    let url: URL
}

extension Library {
    /// What a name means. A server opens no paths that requests name.
    func resolve(named text: String) throws -> NamedModel {
        guard !ModelSource.looksLikePath(text) else {
            throw ServerError(.noModel, "not found", at: "model \"\(text.prefix(80))\"")
        }
        let name = try ModelName(text)
        let location = try location(of: name)
        guard let name = location.name, let manifest = location.manifest else {
            throw ServerError(.noModel, "not found", at: "model \"\(text.prefix(80))\"")
        }
        return NamedModel(name: name, manifest: manifest, url: location.url)
    }

    private func location(of name: ModelName) throws -> ModelLocation {
        do throws(LibraryError) {
            return try resolve(name.description)
        } catch {
            // Clients look for these words.
            guard error.code != .notFound else {
                throw ServerError(.noModel, "not found", at: "model \"\(name)\"", advice: error.advice)
            }
            throw error
        }
    }
}
