import Foundation
import NIOHTTP1
import SwiftletGround
import SwiftletLibrary
import Testing

/// The Hugging Face hub's protocol, spoken by a server of our own: file lists, digests in redirects, tokens.
@Suite struct HubTests {
    private let model = TinyModel.bytes()

    /// A hub with one repository, whose storage lies on another host.
    private func withHub(
        digest: String? = nil, _ variables: [String: String] = [:],
        _ body: (Library, _ hub: TestServer, _ storage: TestServer) async throws -> Void
    ) async throws {
        let model = model
        try await TestServer.with({ request, _ in TestServer.file(model, request) }) { storage in
            let target = storage.url.replacing("127.0.0.1", with: "localhost") + "/blob?signature=secret"
            let digest = digest ?? sha256(model)
            let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { request, _ in
                if request.path.hasPrefix("/api/models/o/r/revision/main") {
                    let list = """
                        {"sha": "abc123", "cardData": {"license": "mit"}, "siblings": [
                          {"rfilename": "README.md", "size": 5},
                          {"rfilename": "r-Q8_0.gguf", "size": 9, "lfs": {"sha256": "\(digest)", "size": \(model.count)}},
                          {"rfilename": "r-Q4_K_M.gguf", "lfs": {"sha256": "\(digest)", "size": \(model.count)}}]}
                        """
                    return .init(body: Array(list.utf8))
                }
                guard request.path.hasPrefix("/o/r/resolve/"), request.path.hasSuffix(".gguf") else {
                    return .init(status: 404)
                }
                return .init(
                    status: 302,
                    headers: [
                        ("Location", target), ("X-Linked-Etag", "\"\(digest)\""), ("X-Linked-Size", "\(model.count)"),
                    ])
            }
            try await TestServer.with(answer) { hub in
                try await withLibrary(variables.merging(["HF_ENDPOINT": hub.url]) { $1 }) { library in
                    try await body(library, hub, storage)
                }
            }
        }
    }

    @Test func choosesPinsAndNames() async throws {
        try await withHub(["HF_TOKEN": "hf_secret"]) { library, hub, storage in
            let manifest = try await library.pull("hf:o/r")
            #expect(manifest.name == "o/r:q4_k_m")
            #expect(manifest.source == "hf:o/r:r-Q4_K_M.gguf")
            #expect(manifest.license == "mit")
            // The commit of the list, so that nothing mixes; the token only for the hub's own host.
            #expect(hub.requests.map(\.path).contains("/o/r/resolve/abc123/r-Q4_K_M.gguf"))
            #expect(hub.requests.allSatisfy { $0.headers.first(name: "authorization") == "Bearer hf_secret" })
            #expect(storage.requests.allSatisfy { $0.headers.first(name: "authorization") == nil })
            let text = try String(
                contentsOf: library.home.appending(path: "manifests/o/r/q4_k_m.json"), encoding: .utf8)
            #expect(!text.contains("secret"))
            var dumped = ""
            dump(library, to: &dumped)
            #expect(!"\(library) \(dumped)".contains("secret"))
        }
    }

    @Test func takesAQuantizationOrAFile() async throws {
        try await withHub { library, hub, _ in
            let chosen = try await library.pull("hf:o/r:Q8_0")
            #expect(chosen.name == "o/r:q8_0")
            let named = try await library.pull("hf:o/r:r-Q8_0.gguf", as: ModelName("mine"))
            #expect(named.name == "mine:latest")
            // The digest in the redirect tells that the blob is there: nothing is downloaded twice.
            #expect(library.files(in: "blobs").count == 1)
            #expect(library.files(in: "partial") == [])
            let error = await #expect(throws: LibraryError.self) { try await library.pull("hf:o/r:Q6_K") }
            #expect(error?.code == .notFound)
            #expect(hub.requests.count > 2)
        }
    }

    @Test func namesAWrongChecksumAndKeepsNothing() async throws {
        try await withHub(digest: String(repeating: "0", count: 64)) { library, _, storage in
            for source in ["hf:o/r", "hf:o/r:r-Q4_K_M.gguf"] {
                let error = await #expect(throws: LibraryError.self) { try await library.pull(source) }
                #expect(error?.code == .checksum)
                #expect(error?.problem.contains(sha256(model)) == true)
                #expect(error?.description.contains("signature") == false)
            }
            #expect(library.names() == [])
            #expect(library.files(in: "blobs") == [])
            #expect(library.partialBytes == 0)
            #expect(storage.requests.count == 2)
        }
    }

    @Test func explainsWhatIsMissing() async throws {
        try await withHub { library, _, _ in
            let error = await #expect(throws: LibraryError.self) { try await library.pull("hf:o/other") }
            #expect(error?.code == .notFound)
            let other = await #expect(throws: LibraryError.self) { try await library.pull("hf:o/r:README.md") }
            #expect(other?.code == .source)
        }
        try await TestServer.with({ _, _ in .init(body: Array("not json".utf8)) }) { server in
            try await withLibrary(["HF_ENDPOINT": server.url]) { library in
                let error = await #expect(throws: LibraryError.self) { try await library.pull("hf:o/r") }
                #expect(error?.code == .refused)
            }
        }
    }

    @Test func triesTheCataloguesSourcesInTheirOrder() async throws {
        try await withHub { library, hub, _ in
            let yaml = """
                version: 1
                families:
                  - {name: mine, title: M, publisher: P, license: mit, models: [{tag: a, parameters: 1, context: 1, sources: [
                      {from: 'hf:o/gone:x.gguf'},
                      {from: 'hf:o/r:r-Q8_0.gguf', sha256: \(sha256(model)), size: \(model.count)}]}]}
                """
            try Data(yaml.utf8).write(to: library.home.appending(path: "catalogue.yaml"))
            let events = Events()
            let manifest = try await library.pull("mine:a", report: events.add)
            #expect(manifest.name == "mine:a")
            #expect(manifest.source == "hf:o/r:r-Q8_0.gguf")
            #expect(events.all.contains { if case .sourceFailed("hf:o/gone:x.gguf", _) = $0 { true } else { false } })
            let before = hub.requests.count
            try await library.pull("mine", report: events.add)
            #expect(hub.requests.count == before)
            #expect(events.all.contains { if case .upToDate("mine:a") = $0 { true } else { false } })
        }
    }
}
