import Foundation
import SwiftletGrammars
import SwiftletGround
import SwiftletTokenizers
import Testing

/// Masks over Qwen's 151,936 tokens, timed by this thread's own clock, in release builds only.
@Suite(.enabled(if: RealVocabulary.isThere && !isDebug), .serialized)
struct SpeedTests {
    /// A schema of a tool as agents send it, and an output of it.
    static let tool = #"""
        {"type":"object","properties":{
          "path":{"type":"string","description":"File to edit"},
          "mode":{"type":"string","enum":["replace","insert","append","delete"]},
          "edits":{"type":"array","minItems":1,"maxItems":50,"items":{"type":"object","properties":{
            "line":{"type":"integer","minimum":1,"maximum":100000},
            "old":{"type":"string","maxLength":2000},"new":{"type":"string","maxLength":2000},
            "confidence":{"type":"number","minimum":0,"maximum":1}},
            "required":["line","new"],"additionalProperties":false}},
          "reason":{"type":"string","maxLength":200},
          "dry_run":{"type":"boolean","default":false},
          "tags":{"type":"array","items":{"type":"string","pattern":"^[a-z][a-z0-9_-]{0,19}$"},"maxItems":5},
          "labels":{"type":"object","additionalProperties":{"type":"string"}},
          "when":{"type":["string","null"],"format":"date-time"}},
          "required":["path","mode","edits"],"additionalProperties":false}
        """#
    static let toolOutput = #"""
        {"path": "Sources/App/Controllers/UserController.swift", "mode": "replace", "edits": [{"line": 42, "old": "func index(req: Request) throws -> [User] {\n    return try User.query(on: req).all()\n}", "new": "func index(_ request: Request) async throws -> [User] {\n    try await User.query(on: request.db).sort(\\.$name).all()\n}", "confidence": 0.85}, {"line": 108, "new": "// Größe und Überschrift werden später gesetzt — siehe \"Layout\"."}], "reason": "The handler was written for an older version of the framework; it now uses async/await, and sorts its results so that pages are stable.", "dry_run": false, "tags": ["swift", "async-await", "vapor4"], "labels": {"reviewer": "Zoë", "ticket": "APP-1234"}, "when": "2026-02-28T17:45:00Z"}
        """#

    static let cases: [(name: String, grammar: @Sendable () throws -> Grammar, output: String)] = [
        ("tool", { try Support.schema(tool) }, toolOutput),
        ("any JSON", { .json }, toolOutput),
        (
            "tool call in free text",
            {
                .freeText(
                    until: ["<tool_call>"], then: .sequence([try Support.schema(tool), .literal("</tool_call>")]))
            }, "I will change the file as you asked.\n<tool_call>" + toolOutput + "</tool_call>"
        ),
        ("GBNF json", { try Grammar(gbnf: json) }, toolOutput),
        (
            "GBNF words",
            {
                try Grammar(
                    gbnf:
                        "root ::= word ([ \\t\\n] word)*\nword ::= char+\nchar ::= letter | [0-9.,;-]\nletter ::= [a-zA-Z]"
                )
            },
            "It was the best of times, it was the worst of times; it was the age of wisdom\nit was the age of foolishness."
        ),
    ]
    static let json = #"""
        root ::= object
        value ::= object | array | string | number | ("true" | "false" | "null") ws
        object ::= "{" ws ( string ":" ws value ("," ws string ":" ws value)* )? "}" ws
        array ::= "[" ws ( value ("," ws value)* )? "]" ws
        string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
        number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
        ws ::= | " " | "\n" [ \t]{0,20}
        """#

    @Test(arguments: 0..<cases.count)
    func masks(_ index: Int) throws {
        let real = try RealVocabulary.qwen.get()
        let (name, make, output) = Self.cases[index]
        let tokens = real.tokenizer.encode(output)
        let begin = Self.now()
        let compiled = CompiledGrammar(try make(), real.vocabulary)
        let compiling = Self.now() - begin
        var words: [UInt64] = []
        for pass in ["first", "second"] {
            var matcher = GrammarMatcher(compiled)
            var times: [Double] = []
            var accepting = 0.0
            for token in tokens {
                let start = Self.now()
                matcher.allowed(into: &words)
                let middle = Self.now()
                let isAccepted = matcher.accept(token)
                accepting += Self.now() - middle
                times.append(middle - start)
                #expect(isAccepted)
                if !isAccepted { return }
                #expect(words[Int(token) >> 6] >> UInt64(token & 63) & 1 == 1)
            }
            #expect(matcher.mayEnd)
            times.sort()
            func share(_ part: Double) -> String {
                String(format: "%.1f", times[Int(Double(times.count - 1) * part)] * 1e6)
            }
            print(
                "\(name), \(pass) time: \(tokens.count) tokens, mask median \(share(0.5)) us, p90 \(share(0.9)), p99 \(share(0.99)), "
                    + "worst \(share(1)), total \(String(format: "%.2f", times.reduce(0, +) * 1e3)) ms; accept \(String(format: "%.2f", accepting / Double(tokens.count) * 1e6)) us; "
                    + "compiled in \(String(format: "%.2f", compiling * 1e3)) ms")
            #expect(times[times.count / 2] < 50e-6)
            if pass == "second" { #expect(times[times.count * 99 / 100] < 500e-6) }
        }
    }

    @Test func vocabulary() throws {
        let start = Self.now()
        let real = try RealVocabulary(RealVocabulary.qwenFile)
        print(
            "vocabulary of \(real.vocabulary.count) tokens, with its file, in \(String(format: "%.0f", (Self.now() - start) * 1e3)) ms"
        )
    }

    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

private let isDebug: Bool = {
    #if DEBUG
    return true
    #else
    return false
    #endif
}()
