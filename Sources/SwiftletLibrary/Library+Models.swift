public import Foundation
public import SwiftletGround

/// Where a model's files lie.
public struct ModelLocation: Sendable {
    /// A .gguf file (the first shard of several), or a checkpoint folder.
    public let url: URL
    /// The library's name and manifest; nil for a path.
    public let name: ModelName?
    public let manifest: Manifest?
}

extension Library {
    /// All models by name, and what is wrong with manifests that cannot be read.
    public func models() -> (manifests: [Manifest], damaged: [LibraryError]) {
        var found: [Manifest] = []
        var damaged: [LibraryError] = []
        for name in names() {
            do {
                if let manifest = try manifest(ifPresent: name) { found.append(manifest) }
            } catch {
                damaged.append(error)
            }
        }
        return (found, damaged)
    }

    /// The names in the library, sorted; looks at folders only.
    public func names() -> [ModelName] {
        var names: [ModelName] = []
        func visit(_ folder: URL, _ path: [String]) {
            let entries =
                (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
            for entry in entries {
                if entry.hasSuffix(".json") {
                    let text = path.joined(separator: "/") + ":" + entry.dropLast(".json".count)
                    // What does not parse back to the same text was not written by a library.
                    if let name = try? ModelName(text), name.description == text { names.append(name) }
                } else if path.count < 2 {
                    visit(folder.appending(path: entry), path + [entry])
                }
            }
        }
        visit(manifests, [])
        return names.sorted()
    }

    /// The manifest of exactly this name (`latest` without a tag); nil if there is none.
    func manifest(ifPresent name: ModelName) throws(LibraryError) -> Manifest? {
        let file = manifestFile(name)
        let bytes: Data
        do {
            bytes = try Data(contentsOf: file)
        } catch {
            guard Files.size(file) != nil else { return nil }
            throw LibraryError(.storage, "cannot be read", at: file.path(percentEncoded: false), cause: error)
        }
        var manifest = try Manifest(json: bytes, at: file.path(percentEncoded: false))
        manifest.name = name.tagged().description
        return manifest
    }

    /// The full name of an installed model: a name without a tag means `latest`, or the only tag that is there.
    ///
    /// Throws `notFound` or `ambiguous`.
    public func installedName(_ name: ModelName) throws(LibraryError) -> ModelName {
        if Files.size(manifestFile(name)) != nil { return name.tagged() }
        let all = names()
        if name.tag == nil {
            let tags = all.filter { $0.untagged == name.untagged }
            if tags.count == 1 { return tags[0] }
            if tags.count > 1 {
                throw LibraryError(
                    .ambiguous, "fits \(tags.map(\.description).joined(separator: ", "))", at: "model \"\(name)\"",
                    advice: "Name one of them")
            }
        }
        let offered = ((try? catalogue()) ?? .init(models: [])).model(named: name) != nil
        let near = all.map(\.description).filter { $0.hasPrefix(name.untagged) }
        throw LibraryError(
            .notFound, "is not in the library", at: "model \"\(name)\"",
            advice: offered
                ? "Get it with: swiftlet pull \(name)"
                : near.isEmpty
                    ? "`swiftlet list` shows what is there, `swiftlet list --available` what can be pulled"
                    : "There is \(near.joined(separator: ", "))")
    }

    /// The manifest of an installed model.
    public func manifest(_ name: ModelName) throws(LibraryError) -> Manifest {
        let full = try installedName(name)
        guard let manifest = try manifest(ifPresent: full) else {
            throw LibraryError(.notFound, "is not in the library", at: "model \"\(full)\"")
        }
        return manifest
    }

    /// Finds what MODEL means on every command line: a library name, or a path to a .gguf file or checkpoint folder.
    public func resolve(_ text: String) throws(LibraryError) -> ModelLocation {
        let path = URL(filePath: text)
        if ModelSource.looksLikePath(text) {
            guard Files.size(path) != nil || Files.isFolder(path) else {
                throw LibraryError(.notFound, "there is no such file", at: text.shortened)
            }
            return ModelLocation(url: path, name: nil, manifest: nil)
        }
        let name: ModelName
        do {
            name = try installedName(ModelName(text))
        } catch {
            if text.contains("/"), Files.isFolder(path) { return ModelLocation(url: path, name: nil, manifest: nil) }
            throw error
        }
        let manifest = try manifest(name)
        return ModelLocation(url: try location(of: manifest), name: name, manifest: manifest)
    }

    /// Where the files of a manifest lie; throws `missingBlob` if one is gone or has another size.
    func location(of manifest: Manifest) throws(LibraryError) -> URL {
        for file in manifest.files where Files.size(blob(file.sha256)) != file.size {
            throw LibraryError(
                .missingBlob, "its file \(file.name) is not in the library, or not whole",
                at: "model \"\(manifest.name)\"",
                advice: "Get it again with: swiftlet pull \(pullArgument(manifest))")
        }
        if manifest.files.count == 1, let only = manifest.modelFile { return blob(only.sha256) }
        let folder = try checkpoint(of: manifest.files)
        return manifest.modelFile.map { folder.appending(path: $0.name) } ?? folder
    }

    /// What to give to `pull` to get the same model under the same name.
    private func pullArgument(_ manifest: Manifest) -> String {
        let known = (try? ModelName(manifest.name)).flatMap { try? catalogue().model(named: $0) } ?? nil
        return known != nil ? manifest.name : "\(manifest.source) --as \(manifest.name)"
    }
}
