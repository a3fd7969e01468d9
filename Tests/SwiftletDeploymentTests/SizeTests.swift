import Foundation
import SwiftletDeployment
import SwiftletGround
import SwiftletLibrary
import Testing

/// What a model takes of a machine.
struct SizeTests {
    @Test func ofTheCatalogue() throws {
        let deployment = try Examples.deployment()
        let size = deployment.size
        #expect(size.weightBytes == 98_362_432 && !deployment.model.isEstimated)
        // 30 layers x 3 heads x (64 + 64) numbers of 2 bytes; 4 contexts of 4096 + 256 tokens.
        #expect(deployment.model.cacheNumbersPerToken == 30 * 3 * 128)
        #expect(size.cacheBytes >> 20 == (30 * 3 * 128 * 2 * 4 * (4096 + 256) + (1 << 20) - 1) >> 20)
        #expect(size.modelMebibytes == 94 + size.cacheBytes >> 20 + 120)
        #expect(size.requestMebibytes >= size.modelMebibytes && size.requestMebibytes % 64 == 0)
        #expect(size.limitMebibytes >= size.requestMebibytes + 128)
    }

    @Test func moreTakesMore() throws {
        let small = try Examples.deployment().size
        #expect(try Examples.deployment { $0.context = 8192 }.size.cacheBytes > small.cacheBytes)
        #expect(try Examples.deployment { $0.parallel = 1 }.size.cacheBytes < small.cacheBytes)
        #expect(try Examples.deployment("qwen2.5:7b").size.limitMebibytes > 4096)
        #expect(try Examples.deployment("all-minilm-l6-v2:22m").size.cacheBytes == 0)
    }

    /// No context is longer than what the model was trained for.
    @Test func contextIsCut() throws {
        #expect(try Examples.deployment("all-minilm-l6-v2:22m").context == 512)
        #expect(try Examples.deployment("tinyllama:1.1b").context == 2048)
    }

    @Test func quantizationsAreEstimated() throws {
        let small = try Examples.deployment("smollm2:360m-q4_k_m").model
        let large = try Examples.deployment("smollm2:360m-q8_0").model
        #expect(small.isEstimated && large.isEstimated && large.size > small.size)
        #expect(large.size > 361_821_120 * 8 / 8 && large.source == "smollm2:360m-q8_0")
    }

    /// The catalogue's numbers of the model that the tests run are its file's.
    @Test func catalogueAgreesWithTheFile() async throws {
        guard let path = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MODEL"], path.contains("SmolLM2-135M")
        else {
            return
        }
        let home = FileManager.default.temporaryDirectory.appending(path: "swiftlet-deployment-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        let library = try Library(LibraryEnvironment(["SWIFTLET_HOME": home.path(percentEncoded: false)]))
        let name = try ModelName("smollm2:135m")
        try await library.pull(path, as: name)
        let pulled = try DeployedModel("smollm2:135m", library: library)
        let offered = try DeployedModel("smollm2:135m", library: Examples.library())
        #expect(pulled.cacheNumbersPerToken == offered.cacheNumbersPerToken && pulled.size == offered.size)
        #expect(pulled.contextLength == offered.contextLength)
        // It came from a path: others cannot pull it from there, and are not told to.
        #expect(pulled.source == nil)
        #expect(throws: DeploymentError.self) { try Platform.docker.files(for: Deployment(pulled)) }
        var deployment = Deployment(pulled)
        deployment.supply = .byHand
        #expect(try !Platform.kubernetes.files(for: deployment).contains { $0.text.contains(path) })
        let given = try DeployedModel("smollm2:135m", source: "hf:owner/model", library: library)
        #expect(given.source == "hf:owner/model" && !given.comesFromPyPI)
    }

    @Test(arguments: ["nonesuch:1b", "hf:owner/model", "./model.gguf", "a b"]) func unknown(_ model: String) throws {
        #expect(throws: (any Error).self) { try Examples.deployment(model) }
        let error = #expect(throws: (any Error).self) { try Examples.deployment("nonesuch:1b") }
        #expect((error as? DeploymentError)?.code == .model)
    }

    @Test func wrongSources() throws {
        for source in ["./model.gguf", "http://example.org/x.gguf", "ftp://x", "hf:x"] {
            #expect(throws: (any Error).self, "\(source)") { try Examples.deployment(source: source) }
        }
    }
}
