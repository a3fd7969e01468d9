import Foundation
import SwiftletGround

/// What a pull will do: the name to give, and the sources to try.
struct PullPlan: Sendable {
    /// Nil if the name depends on what the source turns out to hold.
    let name: ModelName?
    /// What was asked for, for errors.
    let title: String
    let orders: [Order]

    /// Whether an installed model is what this plan would bring: the same digest, or the same source pulled while this
    /// plan waited for its lock.
    func isSatisfied(by manifest: Manifest, since asked: Date) -> Bool {
        // Manifests keep whole seconds.
        let isNew = manifest.pulled.timeIntervalSince(asked) > -1
        return orders.contains { order in
            if let sha256 = order.sha256 { return manifest.files.count == 1 && manifest.files[0].sha256 == sha256 }
            return isNew && manifest.source.hasPrefix(order.source.description)
        }
    }
}

extension Library {
    /// Reads what `pull` was given.
    func plan(_ what: String, as alias: ModelName?) throws(LibraryError) -> PullPlan {
        if ModelSource.looksLikeSource(what) || (what.contains("/") && Files.isFolder(URL(filePath: what))) {
            let source =
                ModelSource.looksLikeSource(what)
                ? try ModelSource(what) : .local(URL(filePath: what).standardizedFileURL)
            return PullPlan(
                name: (alias ?? source.nameBeforeFetching)?.tagged(), title: source.description,
                orders: [Order(source: source)])
        }
        let name = try ModelName(what)
        let catalogue = try catalogue()
        guard let found = catalogue.find(name, availableBytes: MachineMemory.availableBytes) else {
            let near = catalogue.namesLike(name)
            throw LibraryError(
                .notFound, "is not in the catalogue", at: "model \"\(name)\"",
                advice: near.isEmpty
                    ? "`swiftlet list --available` shows what is; hf:owner/repository, https://… and .gguf paths work, too"
                    : "There is \(near.joined(separator: ", "))")
        }
        let orders = try orders(found.model, found.quantization)
        let full = name.tag == nil ? found.model.name : name
        return PullPlan(name: (alias ?? full).tagged(), title: full.description, orders: orders)
    }

    /// The sources of a catalogue entry; with a quantization in the name, those that can have it.
    private func orders(_ model: Catalogue.Model, _ quantization: String?) throws(LibraryError) -> [Order] {
        var orders: [Order] = []
        for place in model.sources {
            var order = Order(
                source: place.source, fileName: place.fileName, size: place.size, sha256: place.sha256,
                quantization: place.quantization, license: model.license)
            if let quantization, quantization != place.quantization {
                guard case .huggingFace(let repository, let revision, _) = place.source else { continue }
                order = Order(
                    source: .huggingFace(repository: repository, revision: revision, file: nil),
                    quantization: quantization, license: model.license)
            }
            orders.append(order)
        }
        guard orders.isEmpty else { return orders }
        throw LibraryError(
            .notFound, "has no source with \(quantization ?? "any file")", at: "model \"\(model.name)\"",
            advice: "Name a repository: hf:owner/repository")
    }
}

extension ModelSource {
    /// `hf`, `https`, `pypi` or `file`, for short texts.
    package var scheme: String {
        switch self {
        case .huggingFace: "hf"
        case .web: "https"
        case .local: "file"
        case .packages: "pypi"
        }
    }

    /// The name that a source gives by its form alone; nil if it depends on the file that is chosen.
    var nameBeforeFetching: ModelName? {
        switch self {
        case .huggingFace(_, _, let file) where file?.lowercased().hasSuffix(".gguf") != true: nil
        case .packages(let members) where members[0].path == nil: nil
        default: suggestedName(quantization: nil)
        }
    }

    /// A name for what a source brought: `owner/repository:q4_k_m`, or the file's name without its quantization.
    func suggestedName(quantization: String?) -> ModelName {
        switch self {
        case .huggingFace(let repository, _, let file):
            let parts = repository.split(separator: "/")
            let family = parts[1].lowercased().hasSuffix("-gguf") ? parts[1].dropLast(5) : parts[1]
            let label = file.flatMap { Quantization.label(in: $0) } ?? quantization
            return ModelName(
                owner: ModelName.part(of: parts[0]), family: ModelName.part(of: family),
                tag: label.map { ModelName.part(of: $0) } ?? ModelName.defaultTag)
        case .web(let url), .local(let url): return Self.name(file: url.lastPathComponent, quantization)
        case .packages(let members):
            guard let path = members[0].path, members.count == 1, !path.hasSuffix("/") else {
                return ModelName(owner: nil, family: ModelName.part(of: members[0].package), tag: ModelName.defaultTag)
            }
            return Self.name(file: URL(filePath: path).lastPathComponent, quantization)
        }
    }

    private static func name(file: String, _ quantization: String?) -> ModelName {
        var stem = file.lowercased().hasSuffix(".gguf") ? String(file.dropLast(5)) : file
        if let shard = stem.firstMatch(of: /-\d{5}-of-\d{5}$/) { stem.removeSubrange(shard.range) }
        let label = Quantization.label(in: stem)
        if let label, stem.uppercased().hasSuffix(label) {
            stem = String(stem.dropLast(label.count))
            while let last = stem.last, "-._".contains(last) { stem.removeLast() }
        }
        return ModelName(
            owner: nil, family: ModelName.part(of: stem),
            tag: (label ?? quantization).map { ModelName.part(of: $0) } ?? ModelName.defaultTag)
    }
}
