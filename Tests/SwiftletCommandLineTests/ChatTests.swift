import Foundation
import Testing

@Suite(.enabled(if: TestData.hasModel), .serialized) struct ChatTests {
    private let folder: TemporaryFolder
    private let terminal: PseudoTerminal

    init() throws {
        folder = try TemporaryFolder()
        terminal = try PseudoTerminal(
            ["run", try #require(TestData.model), "--temperature", "0", "--max-tokens", "24"], home: folder.url)
        try terminal.wait(for: ">>> ")
    }

    private func leave() throws {
        let before = terminal.flags
        terminal.type("\u{4}")
        #expect(try terminal.end() == 0)
        #expect(
            before & tcflag_t(ICANON) == 0
                && terminal.flags & tcflag_t(ICANON | ECHO | ISIG) == tcflag_t(ICANON | ECHO | ISIG))
    }

    @Test func anAnswerAndAnotherThatKnowsOfIt() throws {
        terminal.type("Name three primary colors.\r")
        try terminal.wait(for: "The primary colors are")
        try terminal.wait(for: ">>> ")
        terminal.type("/save \(folder.path("chat.json"))\r")
        try terminal.wait(for: "Saved 2 messages")
        let saved = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url.appending(path: "chat.json")))
        let messages = try #require((saved as? [String: Any])?["messages"] as? [[String: String]])
        #expect(messages.map { $0["role"] } == ["user", "assistant"])
        #expect(messages[1]["content"]?.hasPrefix("The primary colors are") == true)
        terminal.type("/stats\r")
        try terminal.wait(for: "tokens/s")
        terminal.type("/undo\r")
        try terminal.wait(for: "Taken back: Name three primary colors.")
        terminal.type("/load \(folder.path("chat.json"))\r")
        try terminal.wait(for: "Loaded 2 messages")
        terminal.type("/retry\r")
        try terminal.wait(for: "The primary colors are")
        try terminal.wait(for: ">>> ")
        try leave()
    }

    @Test func keysEditTheLine() throws {
        // Typed wrongly, then mended with cursor keys, word moves, kill and yank.
        terminal.type("capital of Francë? the is What \u{1}")
        terminal.type("\u{1B}f\u{1B}f\u{1B}f\u{1B}[C\u{B}\u{1}\u{19}\u{5}")
        terminal.type("\u{7F}\u{1}\r")
        try terminal.wait(for: "the is What capital of Francë?")
        try terminal.wait(for: ">>> ")
        try leave()
    }

    @Test func historyIsPrivateAndComesBack() throws {
        terminal.type("/show\r")
        try terminal.wait(for: "messages")
        try terminal.wait(for: ">>> ")
        terminal.type(" /not stored\r")
        try terminal.wait(for: ">>> ")
        try leave()
        let file = folder.url.appending(path: "state/swiftlet/history")
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path(percentEncoded: false))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try String(contentsOf: file, encoding: .utf8) == "\"/show\"\n")
        let again = try PseudoTerminal(["run", try #require(TestData.model)], home: folder.url)
        try again.wait(for: ">>> ")
        again.type("\u{1B}[A")
        try again.wait(for: "/show")
        again.type("\r")
        try again.wait(for: "temperature")
        again.type("/bye\r")
        #expect(try again.end() == 0)
    }

    @Test func severalLines() throws {
        terminal.type("/system Be\\\rbrief.\r")
        try terminal.wait(for: "Instructions: Be\r\nbrief.")
        terminal.type("\"\"\"one\r")
        try terminal.wait(for: "... ")
        terminal.type("\u{3}")
        try terminal.wait(for: ">>> ")
        try leave()
    }

    @Test func commandsThatAreWrongSaySo() throws {
        terminal.type("/nonsense\r")
        try terminal.wait(for: "/nonsense: there is no such command")
        terminal.type("/set temperature warm\r")
        try terminal.wait(for: "temperature")
        terminal.type("/set top-p 7\r")
        try terminal.wait(for: "topP")
        terminal.type("/set top_k 5\r/show\r")
        try terminal.wait(for: "top-k           5")
        terminal.type("/load /no/such/file\r")
        try terminal.wait(for: "there is no such file")
        terminal.type("/retry\r")
        try terminal.wait(for: "There is no message yet.")
        try terminal.wait(for: ">>> ")
        try leave()
    }

    @Test func controlCStopsTheAnswerAndNotTheProgram() throws {
        terminal.type("/set max-tokens 4000\r/set ignore-eos\rTell me a long story.\r")
        try terminal.wait(for: "long story.")
        try terminal.wait(for: "\u{1B}[?2004l")
        // The test's terminal is no controlling one, so the signal comes as the kernel would send it.
        try terminal.wait(for: " ")
        terminal.process.interrupt()
        try terminal.wait(for: "[stopped]")
        try terminal.wait(for: ">>> ")
        try leave()
    }

    @Test func aKilledChatLeavesTheTerminalAsItWas() throws {
        terminal.process.terminate()
        terminal.process.waitUntilExit()
        #expect(terminal.process.terminationReason == .uncaughtSignal)
        #expect(terminal.flags & tcflag_t(ICANON | ECHO) == tcflag_t(ICANON | ECHO))
    }
}
