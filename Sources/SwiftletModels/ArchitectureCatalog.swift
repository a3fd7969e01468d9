import SwiftletGround
import SwiftletTensors
import SwiftletTokenizers

/// A kind of model: how its tensors are named and how its blocks are made of layers.
package protocol Architecture: Sendable {
    /// Names under `general.architecture`.
    static var names: [String] { get }

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder
}

/// What the user decides about how a model runs.
public struct ModelOptions: Sendable, Hashable {
    public enum SlidingWindow: String, Sendable, CaseIterable {
        /// Attention reaches as far back as the model was trained for.
        case honor
        /// Attention is full in all layers, as llama.cpp runs Mistral and Phi-3.
        case ignore
    }

    public var slidingWindow: SlidingWindow
    /// Longest sequence that will be run, in tokens; it also chooses between Phi's short and long RoPE factors.
    /// nil for what the model was trained for, but at most `ModelOptions.usualContext`.
    public var contextLength: Int?

    /// What a session holds when nobody asks for more: long enough for a chat, small enough for any machine.
    public static let usualContext = 8192

    public init(slidingWindow: SlidingWindow = .honor, contextLength: Int? = nil) {
        (self.slidingWindow, self.contextLength) = (slidingWindow, contextLength)
    }
}

/// The table of architectures: one row each.
package enum ArchitectureCatalog {
    package static let all: [any Architecture.Type] = [
        Llama.self, Mistral3.self, Qwen2.self, Qwen3.self, Gemma2.self, Gemma3.self, Phi3.self, SmolLM3.self,
        Granite.self,
    ]

    package static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        let name = weights.settings.architecture
        if EncoderCatalog.contains(name) {
            throw ModelError(
                .unknownArchitecture, "architecture \"\(name)\" makes embeddings, not text", at: "general.architecture",
                advice: "Use it with swiftlet embed")
        }
        guard let architecture = all.first(where: { $0.names.contains(name) }) else {
            let known = all.flatMap { $0.names }.sorted().joined(separator: ", ")
            throw ModelError(
                .unknownArchitecture, "architecture \"\(name)\" is not supported", at: "general.architecture",
                advice: "Swiftlet runs: \(known)")
        }
        return try architecture.load(weights, options)
    }
}

extension WeightSource {
    /// The settings that all decoders share; the vocabulary's size is the number of embeddings.
    package func configuration() throws(ModelError) -> ModelConfiguration {
        let embedding = try found("token_embd.weight")
        guard 1...Int(TokenID.max) ~= embedding.rows else {
            throw ModelError(
                .tensorShape, "the shape is \(embedding.shape), which makes no vocabulary",
                at: "tensor \(embedding.name)",
                advice: ModelError.damagedAdvice)
        }
        return try ModelConfiguration(settings, vocabularySize: embedding.rows)
    }
}

extension ModelConfiguration {
    /// The window of layers that are local, if the user lets it count.
    package func window(_ options: ModelOptions) -> Int? {
        options.slidingWindow == .honor ? slidingWindow : nil
    }

    /// Longest sequence that will be run with these options.
    package func contextLength(_ options: ModelOptions) -> Int {
        options.contextLength ?? min(contextLength, ModelOptions.usualContext)
    }
}
