import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import SwiftletTokenizers

/// A kind of encoder: how its tensors are named and how its blocks are made of layers.
package protocol EncoderArchitecture: Sendable {
    /// Names under `general.architecture`.
    static var names: [String] { get }

    static func load(_ weights: WeightSource) throws(ModelError) -> Encoder
}

/// The table of encoders: one row each.
package enum EncoderCatalog {
    package static let all: [any EncoderArchitecture.Type] = [Bert.self]

    /// Whether files of that `general.architecture` are encoders.
    package static func contains(_ name: String) -> Bool { all.contains { $0.names.contains(name) } }

    package static func load(_ weights: WeightSource) throws(ModelError) -> Encoder {
        let name = weights.settings.architecture
        guard let architecture = all.first(where: { $0.names.contains(name) }) else {
            let known = all.flatMap { $0.names }.sorted().joined(separator: ", ")
            throw ModelError(
                .unknownArchitecture, "architecture \"\(name)\" is no encoder that makes embeddings",
                at: "general.architecture", advice: "Swiftlet embeds with: \(known)")
        }
        return try architecture.load(weights)
    }
}

extension WeightSource {
    /// The number of token embeddings.
    func configuredVocabulary() throws(ModelError) -> Int {
        let embedding = try found("token_embd.weight")
        guard 1...Int(TokenID.max) ~= embedding.rows else {
            throw ModelError(
                .tensorShape, "the shape is \(embedding.shape), which makes no vocabulary",
                at: "tensor \(embedding.name)", advice: "The file is damaged or was converted wrongly")
        }
        return embedding.rows
    }

    /// A positive number under a key that is no setting of the architecture; nil if it is absent.
    func limit(_ key: String) throws(ModelError) -> Int? {
        do {
            guard let value = try file.metadata.integer(ifPresent: key) else { return nil }
            guard value > 0 else { throw settings.impossible(key, "\(value) is not above zero") }
            return value
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.configuration, "the setting cannot be read", at: key, cause: error)
        }
    }
}
