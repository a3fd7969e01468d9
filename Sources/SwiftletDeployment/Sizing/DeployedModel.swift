import SwiftletGround
public import SwiftletLibrary

/// A model as those who deploy it must know it: where it comes from, and how large it is.
public struct DeployedModel: Sendable, Hashable {
    public let name: ModelName
    /// What `pull` gets it by; nil if only this machine has it.
    public let source: String?
    /// Whether the first place to get it from is a package of PyPI.
    public let comesFromPyPI: Bool
    /// Bytes of its files.
    public let size: Int
    /// Whether `size` is a guess: the catalogue does not know the size of every file.
    public let isEstimated: Bool
    /// Tokens that it was trained to attend to; nil if its file does not say.
    public let contextLength: Int?
    /// Numbers that a token adds to the key-value cache; 0 for an encoder.
    public let cacheNumbersPerToken: Int

    /// Finds a model of the library, or of the catalogue; it need not have been pulled.
    ///
    /// `source` says where the machines get it from, if that is not where it came from. Throws `LibraryError` for texts that
    /// are no names or sources, `DeploymentError.Code.model` for a model that is not known.
    public init(_ text: String, source: String? = nil, library: Library) throws {
        guard !ModelSource.looksLikeSource(text) else {
            throw DeploymentError(
                .model, "is a source, and what it holds is not known before it was pulled", at: "model \"\(text)\"",
                advice: "Pull it here, then deploy its name: swiftlet pull \(text)")
        }
        let given = try source.map { try ModelSource($0) }
        if case .local = given { throw Self.localSource(source ?? "") }
        let name = try ModelName(text)
        if let manifest = try Self.installed(name, library) {
            try self.init(manifest, given: given, catalogue: library.catalogue())
        } else if let found = try library.catalogue().find(name, availableBytes: MachineMemory.availableBytes) {
            self.init(found.model, found.quantization, given: given)
        } else {
            throw DeploymentError(
                .model, "is neither in the library nor in the catalogue", at: "model \"\(name)\"",
                advice:
                    "`swiftlet list` and `swiftlet list --available` show what is; another must be pulled here first")
        }
    }

    private static func installed(_ name: ModelName, _ library: Library) throws(LibraryError) -> Manifest? {
        do throws(LibraryError) {
            return try library.manifest(name)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// A model that is on this machine.
    private init(_ manifest: Manifest, given: ModelSource?, catalogue: Catalogue) throws {
        name = try ModelName(manifest.name)
        // The same file as the catalogue's has the catalogue's sources, of which another may work where the first does not.
        let known = catalogue.model(named: name).flatMap { model in
            model.sources.contains { $0.source.description == manifest.source } ? model : nil
        }
        let origin = try given ?? ModelSource(manifest.source)
        if given == nil, known != nil {
            source = name.description
        } else if case .local = origin {
            source = nil
        } else {
            source = origin.description
        }
        let first = given == nil ? known?.sources.first?.source : nil
        comesFromPyPI = (first ?? origin).scheme == "pypi"
        size = manifest.size
        isEstimated = false
        let facts = manifest.facts
        contextLength = facts?.contextLength
        cacheNumbersPerToken = facts?.cacheNumbersPerToken ?? (facts?.parameters ?? 0) / 10_000
    }

    /// A model that the catalogue offers, whose file is perhaps nowhere here; `quantization` if the name asks for one.
    private init(_ model: Catalogue.Model, _ quantization: String?, given: ModelSource?) {
        if let quantization {
            let tag = "\(model.name.tag ?? "")-\(quantization.lowercased())"
            name = ModelName(owner: model.name.owner, family: model.name.family, tag: tag)
        } else {
            name = model.name
        }
        source = given?.description ?? name.description
        // Another quantization than the list's comes from the hub.
        comesFromPyPI = (given ?? (quantization == nil ? model.sources.first?.source : nil))?.scheme == "pypi"
        let known = quantization == nil ? model.sources.compactMap(\.size).first : nil
        let bits = (quantization ?? model.sources.first?.quantization).map(Self.bits) ?? Self.bits("Q4_K_M")
        size = known ?? Int(Double(model.parameters) * bits / 8)
        isEstimated = known == nil
        contextLength = model.contextLength
        cacheNumbersPerToken = model.estimatedCacheNumbersPerToken
    }

    /// About how many bits a weight has in a file type of this name: scales, and tensors that are kept in more, come on top.
    static func bits(_ quantization: String) -> Double {
        guard let digits = quantization.firstMatch(of: /\d+/), let bits = Double(digits.0) else { return 5 }
        return bits < 16 ? bits + 1 : bits
    }

    private static func localSource(_ text: String) -> DeploymentError {
        DeploymentError(
            .source, "is a path of this machine, which others do not have", at: "--source \(text)",
            advice: "Name hf:…, https://… or pypi:…; or leave the model to yourself with --no-pull")
    }
}
