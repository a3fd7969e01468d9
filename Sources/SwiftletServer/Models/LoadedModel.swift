import Dispatch
import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import Synchronization

/// A model in memory, and who uses it.
final class LoadedModel: Sendable {
    enum Content: Sendable {
        /// Writes text.
        case language(ChatModel)
        /// Makes vectors.
        case encoder(Embedder)
    }

    let name: ModelName
    let manifest: Manifest
    let content: Content
    let contextLength: Int
    /// What it takes in the memory plan: weights, keys and values, working memory.
    let bytes: Int
    let loadDuration: Duration
    /// What the model does, and did when it was loaded before.
    let metrics: ModelMetrics
    private let use: Mutex<Use>

    struct Use: Sendable {
        var leases = 0
        var lastUsed = ContinuousClock.now
        var keepAlive: KeepAlive
    }

    init(
        name: ModelName, manifest: Manifest, content: Content, contextLength: Int, bytes: Int, loadDuration: Duration,
        keepAlive: KeepAlive, metrics: ModelMetrics
    ) {
        self.metrics = metrics
        (self.name, self.manifest, self.content, self.contextLength) = (name, manifest, content, contextLength)
        (self.bytes, self.loadDuration) = (bytes, loadDuration)
        use = Mutex(Use(keepAlive: keepAlive))
    }

    // Its parts go right after this.
    deinit { DispatchQueue.global().asyncAfter(deadline: .now() + 1) { Allocator.trim() } }

    /// The SHA-256 of the model's file, by which names that mean the same file are told.
    var digest: String { manifest.digest }

    /// Whether a name still means what was loaded.
    func means(_ location: NamedModel) -> Bool {
        digest == location.manifest.digest && settings == location.settings
    }

    var current: Use { use.withLock { $0 } }
    var isIdle: Bool { current.leases == 0 }

    /// When an idle model is to go; nil for never, or while it is in use.
    var expiry: ContinuousClock.Instant? {
        let use = current
        guard use.leases == 0, case .duration(let duration) = use.keepAlive else { return nil }
        return use.lastUsed + duration
    }

    /// The same, for a model in use as if its requests ended now.
    var nextExpiry: ContinuousClock.Instant? {
        let use = current
        guard case .duration(let duration) = use.keepAlive else { return nil }
        return (use.leases == 0 ? use.lastUsed : .now) + duration
    }

    func take(_ keepAlive: KeepAlive?) {
        use.withLock { use in
            use.leases += 1
            if let keepAlive { use.keepAlive = keepAlive }
        }
    }

    func give() {
        use.withLock { use in
            use.leases -= 1
            use.lastUsed = .now
        }
    }
}

/// A hold on a loaded model: while one lives, the model stays.
final class ModelLease: Sendable {
    let model: LoadedModel
    /// How long this request waited for the model; next to nothing if it was there.
    let loadDuration: Duration
    private let onEnd: @Sendable () -> Void

    /// `model` has been taken for this lease.
    init(_ model: LoadedModel, loadDuration: Duration, onEnd: @escaping @Sendable () -> Void) {
        (self.model, self.loadDuration, self.onEnd) = (model, loadDuration, onEnd)
    }

    deinit {
        model.give()
        onEnd()
    }

    /// A model that writes text.
    var chat: ChatModel {
        get throws(ServerError) {
            guard case .language(let chat) = model.content else {
                throw ServerError(
                    .invalid, "makes embeddings and does not generate text", at: "model \"\(model.name)\"")
            }
            return chat
        }
    }

    /// The embedder of a model that makes vectors.
    var embedder: Embedder {
        get throws(ServerError) {
            guard case .encoder(let embedder) = model.content else {
                throw ServerError(
                    .invalid, "does not support embeddings", at: "model \"\(model.name)\"",
                    advice: "Use an encoder, for instance all-minilm-l6-v2")
            }
            return embedder
        }
    }
}

extension Manifest {
    /// The SHA-256 of the model's (first) file.
    var digest: String { (files.first { $0.role == .model } ?? files.first)?.sha256 ?? "" }
}
