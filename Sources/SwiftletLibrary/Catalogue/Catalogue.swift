/// The models that Swiftlet knows where to get: its own list, and the user's additions.
public struct Catalogue: Sendable {
    /// One model of the list.
    public struct Model: Sendable {
        public let name: ModelName
        public let title: String
        public let publisher: String
        /// An SPDX name, or the publisher's own.
        public let license: String
        /// `chat`, `code`, `base` or `embedding`.
        public let kind: String
        public let parameters: Int
        public let contextLength: Int
        /// Numbers that one token adds to the key-value cache; nil if the list does not say.
        public let cacheNumbersPerToken: Int?
        /// In order of preference; the first that works is taken.
        public let sources: [Source]

        /// The bytes to download: the first source's if it tells, else an estimate at the size of Q4_K_M.
        public var estimatedBytes: Int { sources.compactMap(\.size).first ?? Int(Double(parameters) * 4.85 / 8) }

        /// The numbers that one token adds to the key-value cache; where the list does not say, more than any of its models needs
        /// for its parameters.
        package var estimatedCacheNumbersPerToken: Int {
            cacheNumbersPerToken ?? (kind == "embedding" ? 0 : parameters / 10_000)
        }
    }

    /// A place to get a model from, and what is known of the file there.
    public struct Source: Sendable {
        public let source: ModelSource
        /// The file's name, for a file put together from parts.
        public let fileName: String?
        public let quantization: String?
        public let size: Int?
        public let sha256: String?
    }

    public let models: [Model]

    /// The model of exactly this name; nil if there is none.
    public func model(named name: ModelName) -> Model? {
        name.tag == nil ? variants(of: name).first : models.first { $0.name == name }
    }

    /// The models of a family, smallest first.
    public func variants(of name: ModelName) -> [Model] {
        models.filter { $0.name.untagged == name.untagged }.sorted { $0.parameters < $1.parameters }
    }

    /// The variant to take for a name without a tag: the largest whose weights and cache need at most half of the
    /// memory, so that the machine stays usable; else the smallest.
    public func fitting(_ name: ModelName, availableBytes: Int) -> Model? {
        let variants = variants(of: name)
        return variants.last { model in
            MemoryPlan(
                weightBytes: model.estimatedBytes, cacheNumbersPerToken: model.estimatedCacheNumbersPerToken,
                context: min(model.contextLength, MemoryPlan.usualContext), availableBytes: availableBytes
            ).neededBytes <= availableBytes / 2
        } ?? variants.first
    }

    /// The model that a name means, with its quantization if the tag ends in one: `smollm2:360m-q8_0`.
    package func find(_ name: ModelName, availableBytes: Int) -> (model: Model, quantization: String?)? {
        guard let tag = name.tag else { return fitting(name, availableBytes: availableBytes).map { ($0, nil) } }
        if let model = model(named: name) { return (model, nil) }
        guard let dash = tag.lastIndex(of: "-"),
            let label = Quantization.label(in: String(tag[tag.index(after: dash)...])),
            label.lowercased() == tag[tag.index(after: dash)...].lowercased()
        else { return nil }
        let base = ModelName(owner: name.owner, family: name.family, tag: String(tag[..<dash]))
        return model(named: base).map { ($0, label) }
    }

    /// Names that begin alike, for the text of an error.
    func namesLike(_ name: ModelName) -> [String] {
        let start = name.family.prefix(4)
        return models.map(\.name).filter { $0.family.hasPrefix(start) }.map(\.description)
    }
}
