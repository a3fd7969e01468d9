import Foundation
import SwiftletGround
import SwiftletLibrary
import Testing

@Suite struct ModelfileTests {
    /// Values as ollama/parser/parser_test.go expects them.
    @Test(
        arguments: [
            ("FROM \"     model 1\"", .from("     model 1")), ("FROM     FOOO BAR    ", .from("FOOO BAR")),
            ("from llama3:7b-instruct-q4_K_M", .from("llama3:7b-instruct-q4_K_M")),
            ("From foo\r\n", .from("foo")),
            ("FROM foo\nADAPTER      adapter3", .adapter("adapter3")),
            ("FROM foo\nLICENSE \"MIT       \"", .license("MIT       ")),
            (
                "FROM foo\nTEMPLATE \"\"\"   {{ .System }}\n\n{{ .Prompt }}   \"\"\"    \n",
                .template("   {{ .System }}\n\n{{ .Prompt }}   ")
            ),
            (
                "FROM foo\nSYSTEM \"\"\"\nThis is a\nmultiline system.\n\"\"\"\n\t\t",
                .system("\nThis is a\nmultiline system.\n")
            ),
            ("FROM foo\nSYSTEM \"\"\"\"\"\"", .system("")), ("FROM foo\nSYSTEM \"\"", .system("")),
            ("FROM foo\nSYSTEM \"'\"", .system("'")),
            (
                "FROM foo\nSYSTEM \"\"\"''\"'\"\"'\"\"'\"'''''\"\"'\"\"'\"\"\"",
                .system("''\"'\"\"'\"\"'\"'''''\"\"'\"\"'")
            ),
            ("FROM foo\nSYSTEM \"two\nlines\"", .system("two\nlines")), ("FROM foo\n\tSYSTEM 你好👋", .system("你好👋")),
            ("FROM foo\nMESSAGE system \"\"\"\nParse.\n\"\"\"", .message(role: "system", content: "\nParse.\n")),
            ("FROM foo\n# comment\nMESSAGE user Hey # there", .message(role: "user", content: "Hey # there")),
            ("FROM foo\nPARAMETER stop ### User: ", .parameter(name: "stop", value: "### User:")),
            ("FROM foo\nPARAMETER stop \"### User: \"", .parameter(name: "stop", value: "### User: ")),
            ("FROM foo\nPARAMETER stop \"\"\"### User:\n\"\"\"", .parameter(name: "stop", value: "### User:\n")),
            ("FROM foo\nparameter  num_ctx   4096", .parameter(name: "num_ctx", value: "4096")),
            ("FROM foo\nREQUIRES 0.14.0", .requires("0.14.0")), ("FROM foo\nRENDERER r", .renderer("r")),
            ("FROM foo\nPARSER p", .parser("p")), ("FROM foo\nDRAFT ./d.gguf", .draft("./d.gguf")),
        ] as [(String, Modelfile.Instruction)])
    func readsValues(text: String, last: Modelfile.Instruction) throws {
        let file = try Modelfile(parsing: text)
        #expect(file.commands.last?.instruction == last)
        // What is written is read back.
        let again = try Modelfile(parsing: file.text)
        #expect(again.commands.map(\.instruction) == file.commands.map(\.instruction))
    }

    @Test(
        arguments: [
            ("", nil), ("PARAMETER num_ctx 1", nil), ("FROM foo\nBADCOMMAND x y", "line 2"),
            ("FROM foo\n\nSYSTEM", "line 3"),
            ("FROM foo\nMESSAGE badguy I'm bad", "line 2"), ("FROM foo\nMESSAGE system\n", "line 2"),
            ("FROM foo\nPARAMETER num_ctx\n", "line 2"), ("FROM foo\nSYSTEM \"\"\"a\nb\"\"\nc", "line 2"),
            ("FROM foo\nSYSTEM \"\n\n", "line 2"), ("FROM foo\nSYSTEM=x", "line 2"), ("FROM \nSYSTEM x", nil),
            ("x", "line 1"),
        ] as [(String, String?)])
    func saysWhatIsWrongAndWhere(text: String, place: String?) {
        let error = #expect(throws: LibraryError.self) { try Modelfile(parsing: text) }
        #expect(error?.code == .modelfile)
        #expect(error?.place == place)
    }

    @Test func readsUTF16() throws {
        let text = "FROM bob\nSYSTEM 你好👋\n"
        for isBig in [false, true] {
            let bytes = [0xFEFF] + Array(text.utf16)
            let file = try Modelfile(
                parsing: bytes.flatMap {
                    isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)]
                })
            #expect(file.commands.map(\.instruction) == [.from("bob"), .system("你好👋")])
        }
        #expect(try Modelfile(parsing: [0xEF, 0xBB, 0xBF] + Array("FROM a".utf8)).from == "a")
    }

    @Test func settingsHaveTheirKinds() throws {
        let file = try Modelfile(
            parsing: """
                FROM base:1b
                PARAMETER temperature 0.5
                PARAMETER num_ctx 4096
                PARAMETER stop <|end|>
                PARAMETER stop "User: "
                PARAMETER use_mmap true
                PARAMETER penalize_newline true
                LICENSE MIT
                MESSAGE user Hello
                """)
        let settings = try file.settings()
        #expect(
            settings.parameters == [
                "temperature": 0.5, "num_ctx": 4096, "stop": ["<|end|>", "User: "], "use_mmap": true,
            ])
        #expect(settings.parent == "base:1b" && settings.licenses == ["MIT"])
        #expect(settings.messages == [ModelSettings.Message(role: "user", content: "Hello")])
        let shown = Modelfile.shown(name: "mine:latest", from: "/blobs/x", settings: settings)
        #expect(
            shown == """
                # Modelfile generated by "swiftlet show"
                # To build a new Modelfile based on this, replace FROM with:
                # FROM mine:latest

                FROM /blobs/x
                PARAMETER temperature 0.5
                PARAMETER num_ctx 4096
                PARAMETER stop <|end|>
                PARAMETER stop "User: "
                PARAMETER use_mmap true
                LICENSE MIT
                MESSAGE user Hello

                """)
        var again = try Modelfile(parsing: shown).settings()
        again.parent = settings.parent
        #expect(again == settings)
    }

    @Test(arguments: [
        "num_ctx 1.5", "temperature warm", "use_mmap maybe", "unknown 1", "top_p inf", "seed 99999999999999999999",
    ])
    func refusesWrongParameters(parameter: String) throws {
        let file = try Modelfile(parsing: "FROM a\n\nPARAMETER \(parameter)")
        let error = #expect(throws: LibraryError.self) { try file.settings() }
        #expect(error?.code == .modelfile && error?.place == "line 3")
    }

    @Test func settingsAreKeptAsJSON() throws {
        let settings = ModelSettings(
            template: "{{ .Prompt }}", system: "s",
            parameters: ["seed": 7, "stop": ["a", "b"], "top_p": 0.25, "use_mmap": false],
            messages: [.init(role: "user", content: "hi")], licenses: ["MIT"], adapters: ["a.gguf"], parent: "p:1",
            requires: "1.0.0")
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(ModelSettings.self, from: data).sorted == settings.sorted)
        #expect(try JSONDecoder().decode(ModelSettings.self, from: Data("{\"later\": 1}".utf8)) == ModelSettings())
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(ModelSettings.self, from: Data("{\"parameters\": [1]}".utf8))
        }
    }

    @Test func settingsLieOverThoseOfTheBase() {
        let base = ModelSettings(
            template: "t", system: "old", parameters: ["seed": 1, "top_k": 2],
            messages: [.init(role: "user", content: "a")],
            licenses: ["MIT"])
        let merged = ModelSettings(system: "new", parameters: ["seed": 3], licenses: ["BSD", "MIT"]).over(base)
        #expect(merged.template == "t" && merged.system == "new" && merged.licenses == ["MIT", "BSD"])
        #expect(merged.parameters == ["seed": 3, "top_k": 2] && merged.messages == base.messages)
    }

    /// Mutated files give an error or a file whose text says the same; nothing traps.
    @Test func mutatedFilesEndWell() throws {
        let source = Array(
            "FROM foo\nSYSTEM \"\"\"\nA \"b\"\n\"\"\"\nPARAMETER stop \"x \"\nMESSAGE user Hé\nTEMPLATE \"{{ .Prompt }}\"\n"
                .utf8)
        var state: UInt64 = 9
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        var read = 0
        for _ in 0..<3000 {
            var bytes = source
            for _ in 0..<1 + below(4) {
                let place = below(bytes.count)
                switch below(3) {
                case 0: bytes.insert(Array("\" \n#\r\tF\\".utf8)[below(8)], at: place)
                case 1: bytes.remove(at: place)
                default: bytes[place] = UInt8(below(256))
                }
            }
            guard let file = try? Modelfile(parsing: bytes) else { continue }
            read += 1
            _ = try? file.settings()
            _ = try? Modelfile(parsing: file.text)
        }
        #expect(read > 300)
    }
}

extension ModelSettings {
    /// With parameters in the order of their names, as a manifest keeps them.
    fileprivate var sorted: ModelSettings {
        var copy = self
        copy.parameters = JSONObject(
            parameters.members.sorted { ByteString($0.key) < ByteString($1.key) }.map { ($0.key, $0.value) })
        return copy
    }
}
