public import Foundation

/// What the library knows of a model under one name; a JSON file, `manifests/NAME/TAG.json`.
public struct Manifest: Codable, Sendable {
    /// The form of the file; readers refuse a newer one.
    public static let currentVersion = 1

    public internal(set) var version = Manifest.currentVersion
    /// The full name: `smollm2:135m`.
    public internal(set) var name: String
    /// The source that the files came from, as `pull` takes it.
    public let source: String
    public let pulled: Date
    /// An SPDX name, or what the publisher calls it; nil if unknown.
    public let license: String?
    public let files: [File]
    /// Read from the model's own header; nil for a file that Swiftlet can keep but not read.
    public let facts: ModelFacts?
    /// What the model was given beside its files; nil for one as it was pulled.
    public internal(set) var settings: ModelSettings?

    /// One file of a model, kept as the blob of its SHA-256.
    public struct File: Codable, Sendable, Hashable {
        public let role: Role
        /// Its name beside the model's other files; may lie in a folder: `1_Pooling/config.json`.
        public let name: String
        public let size: Int
        /// 64 lower-case hexadecimal digits.
        public let sha256: String
    }

    /// What a file is to its model.
    public enum Role: String, Codable, Sendable {
        /// A GGUF file, or one of its shards.
        case model
        /// Weights of a checkpoint.
        case weights
        case config, tokenizer, other

        /// What the name says, or, where that says nothing, how the file begins.
        init(fileName: String, contentsOf url: URL) {
            self.init(fileName: fileName)
            guard self == .other, let file = try? FileHandle(forReadingFrom: url) else { return }
            defer { try? file.close() }
            if (try? file.read(upToCount: 4)) == Data("GGUF".utf8) { self = .model }
        }

        init(fileName: String) {
            let name = fileName.lowercased()
            let last = name.split(separator: "/").last.map(String.init) ?? name
            if last.hasSuffix(".gguf") {
                self = .model
            } else if last.hasSuffix(".safetensors") || last.hasSuffix(".safetensors.index.json") {
                self = .weights
            } else if last.hasPrefix("tokenizer") || last.hasPrefix("vocab.") || last == "merges.txt"
                || last == "special_tokens_map.json" || last == "added_tokens.json"
            {
                self = .tokenizer
            } else if last.hasSuffix(".json") {
                self = .config
            } else {
                self = .other
            }
        }
    }

    /// The bytes of all files.
    public var size: Int { files.reduce(0) { $0 &+ $1.size } }

    /// The GGUF file that a run opens, or the first of its shards; nil for a checkpoint folder.
    var modelFile: File? { files.filter { $0.role == .model }.min { $0.name < $1.name } }
}
