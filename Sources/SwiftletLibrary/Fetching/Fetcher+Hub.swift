import Foundation
import SwiftletGround

/// A repository's files, as the Hugging Face hub's API lists them.
package struct HubListing: Decodable {
    package struct Sibling: Decodable {
        package struct LargeFile: Decodable {
            let sha256: String?
            let size: Int?
        }
        package let rfilename: String
        let size: Int?
        let lfs: LargeFile?

        var bytes: Int? { lfs?.size ?? size }
        /// The digest, if the hub gives one and it looks like one.
        var digest: String? {
            lfs?.sha256.map { $0.lowercased() }
                .flatMap { $0.utf8.count == 64 && $0.utf8.allSatisfy(\.isHexadecimal) ? $0 : nil }
        }
    }
    struct Card: Decodable { let license: String? }

    /// The commit that the list is of.
    let sha: String?
    let siblings: [Sibling]?
    let cardData: Card?

    enum CodingKeys: CodingKey { case sha, siblings, cardData }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        sha = try values.decodeIfPresent(String.self, forKey: .sha)
        siblings = try values.decodeIfPresent([Sibling].self, forKey: .siblings)
        // Publishers write the card by hand: a licence that is a list is no reason to fail.
        cardData = try? values.decodeIfPresent(Card.self, forKey: .cardData)
    }
}

extension HubListing {
    /// The files of the best model in the list: the GGUF file (all its shards) of the wanted or preferred quantization,
    /// or else the files of a safetensors checkpoint.
    package func choose(quantization wanted: String?) -> [Sibling] {
        let usable = (siblings ?? []).filter { ModelSource.isRelativePath($0.rfilename[...]) }
        let models = usable.filter { file in
            let name = file.rfilename.lowercased()
            // Vision projectors and importance matrices are GGUF files, too, but no language models.
            return name.hasSuffix(".gguf") && !name.contains("mmproj") && !name.contains("imatrix")
        }
        if !models.isEmpty {
            let ranked = models.map { file in
                (
                    file: file, label: Quantization.label(in: file.rfilename),
                    depth: file.rfilename.utf8.count { $0 == 47 }
                )
            }
            let fitting = wanted.map { wanted in ranked.filter { $0.label == wanted.uppercased() } } ?? ranked
            let best = fitting.min {
                (Quantization.rank($0.label), $0.depth, $0.file.rfilename)
                    < (Quantization.rank($1.label), $1.depth, $1.file.rfilename)
            }
            guard let best else { return [] }
            return shards(of: best.file.rfilename, among: models)
        }
        guard usable.contains(where: { $0.rfilename == "config.json" }) else { return [] }
        return usable.filter { CheckpointFiles.belongs($0.rfilename) }
    }

    private func shards(of name: String, among files: [Sibling]) -> [Sibling] {
        guard let match = name.firstMatch(of: /-(\d{5})-of-(\d{5})\.gguf$/) else {
            return files.filter { $0.rfilename == name }
        }
        let stem = name[..<match.range.lowerBound]
        let shards = files.filter { file in
            file.rfilename.hasPrefix(stem)
                && file.rfilename.dropFirst(stem.count).wholeMatch(of: /-\d{5}-of-(\d{5})\.gguf/)?.1 == match.2
        }
        .sorted { $0.rfilename < $1.rfilename }
        // A repository that is still being filled has half a model, which is none.
        return shards.count == Int(match.2) ? shards : []
    }
}

extension Fetcher {
    /// A file of the hub, or the best of a repository.
    func fetchFromHub(_ repository: String, _ revision: String, _ file: String?, _ order: Order) async throws -> Fetched
    {
        let endpoint = try ModelSource.checkedURL(client.environment.huggingFaceEndpoint)
        if let file, !file.lowercased().hasSuffix(".gguf"), let label = Quantization.label(in: file) {
            // hf:owner/repository:Q8_0, as llama.cpp and Ollama write it.
            var order = order
            order.quantization = label
            return try await fetchFromHub(repository, revision, nil, order)
        }
        if let file {
            guard file.lowercased().hasSuffix(".gguf") else {
                throw LibraryError(
                    .source, "is not a .gguf file", at: order.source.description,
                    advice: "Name one of the repository's .gguf files, or no file for the whole checkpoint")
            }
            let remote = RemoteFile(
                url: endpoint.appending(path: "\(repository)/resolve/\(revision)/\(file)"),
                name: URL(filePath: file).lastPathComponent, size: order.size, sha256: order.sha256, isOnHub: true)
            return Fetched(files: [try await fetch(remote)], source: order.source)
        }
        let listing = try await listing(endpoint, repository, revision)
        let chosen = listing.choose(quantization: order.quantization)
        guard !chosen.isEmpty else {
            let what = order.quantization.map { "no \($0) file" } ?? "neither a GGUF file nor a checkpoint"
            throw LibraryError(
                .notFound, "the repository has \(what)", at: "hf:\(repository)",
                advice: "Name a file: hf:\(repository):FILE")
        }
        // The commit, so that a push in the middle of a pull mixes no versions.
        let commit = listing.sha.flatMap { $0.utf8.allSatisfy(\.isHexadecimal) && !$0.isEmpty ? $0 : nil } ?? revision
        let isModel = chosen[0].rfilename.lowercased().hasSuffix(".gguf")
        var files: [FetchedFile] = []
        for sibling in chosen {
            let name = isModel ? URL(filePath: sibling.rfilename).lastPathComponent : sibling.rfilename
            let remote = RemoteFile(
                url: endpoint.appending(path: "\(repository)/resolve/\(commit)/\(sibling.rfilename)"), name: name,
                size: sibling.bytes, sha256: sibling.digest, isOnHub: true)
            files.append(try await fetch(remote))
        }
        let source = ModelSource.huggingFace(
            repository: repository, revision: revision, file: chosen.count == 1 ? chosen[0].rfilename : nil)
        return Fetched(files: files, source: source, license: listing.cardData?.license)
    }

    private func listing(_ endpoint: URL, _ repository: String, _ revision: String) async throws -> HubListing {
        let address = endpoint.appending(path: "api/models/\(repository)/revision/\(revision)")
            .appending(queryItems: [URLQueryItem(name: "blobs", value: "true")])
        let json = try await client.text(address)
        do {
            return try JSONDecoder().decode(HubListing.self, from: json)
        } catch {
            throw LibraryError(
                .refused, "its list of files cannot be read", at: "hf:\(repository)",
                advice: "Is \(client.environment.huggingFaceEndpoint) a Hugging Face hub?", cause: error)
        }
    }
}
