public import SwiftletGround
public import SwiftletModelFiles

/// What the mix rules ask of a model.
public struct ModelShape: Sendable, Hashable {
    public var architecture: String
    public var layers: Int
    /// Attention heads of the first layer.
    public var heads: Int
    /// Key and value heads of the first layer.
    public var keyValueHeads: Int
    /// Experts of a layer; 0 without.
    public var experts: Int

    public init(architecture: String, layers: Int, heads: Int, keyValueHeads: Int, experts: Int = 0) {
        (self.architecture, self.layers, self.heads) = (architecture, layers, heads)
        (self.keyValueHeads, self.experts) = (keyValueHeads, experts)
    }

    /// Reads them from a model's metadata; throws if the architecture or the number of layers is missing.
    public init(_ metadata: GGUFMetadata) throws(ModelFileError) {
        let architecture = try metadata.string("general.architecture")
        layers = try metadata.integer("\(architecture).block_count")
        experts = try metadata.integer(ifPresent: "\(architecture).expert_count") ?? 0
        // Some architectures have a number for each layer.
        func first(_ key: String) throws(ModelFileError) -> Int? {
            guard case .array = metadata[key] else { return try metadata.integer(ifPresent: key) }
            return try metadata.integers(ifPresent: key)?.first
        }
        heads = try first("\(architecture).attention.head_count") ?? 0
        keyValueHeads = try first("\(architecture).attention.head_count_kv") ?? heads
        self.architecture = architecture
    }

    /// Heads that share one key and value head.
    var groupSize: Int { keyValueHeads == 0 ? 0 : heads / keyValueHeads }

    /// The models of 70 billion parameters, whose value weights are few beside the rest.
    var is70B: Bool {
        switch architecture {
        case "llama": layers == 80 && experts != 8 && heads != keyValueHeads
        case "qwen2", "deci", "olmo": layers == 80
        case "jais2": layers == 68
        default: false
        }
    }

    var isFalcon: Bool { architecture == "falcon" }
}
