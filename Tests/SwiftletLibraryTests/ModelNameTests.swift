import SwiftletGround
import SwiftletLibrary
import Testing

@Suite struct ModelNameTests {
    @Test(arguments: [
        ("smollm2:135m", "smollm2:135m"), ("SmolLM2:135M", "smollm2:135m"), ("smollm2", "smollm2"),
        ("owner/name:tag", "owner/name:tag"), ("Qwen2.5-Coder:1.5b", "qwen2.5-coder:1.5b"), ("a_b/c-d.e", "a_b/c-d.e"),
    ])
    func parsesAndFolds(text: String, name: String) throws {
        #expect(try ModelName(text).description == name)
    }

    @Test(arguments: [
        "", ":", "a:", ":b", "/", "/a", "a/", "a/b/c", "../x", "a/../b", "..", ".", "-a", ".hidden", "a b", "a\\b",
        "a:b:c",
        "a:../../b", "ä", "a\u{0}b", "x.json", "x.gguf", "a:b.json", "x.", "a\n", "caf\u{65}\u{301}",
        String(repeating: "a", count: 97),
    ])
    func refusesWhatCouldLeaveItsFolder(text: String) {
        let error = #expect(throws: LibraryError.self) { try ModelName(text) }
        #expect(error?.code == .name)
    }
}
