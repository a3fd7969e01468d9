import Foundation
import SwiftletGrammars
import SwiftletGround
import Testing

/// Inputs that are large, deep or ambiguous: an error or an answer, in bounded time and memory.
struct LimitTests {
    @Test func tenThousandLiterals() throws {
        let names = (0..<10_000).map { "name number \($0 &* 7919)" }
        let schema = JSONValue.object(["enum": .array(names.map { .string($0) })])
        let compiled = CompiledGrammar(try Grammar(jsonSchema: schema), Support.byteVocabulary)
        var words: [UInt64] = []
        for name in names.prefix(3) {
            var matcher = GrammarMatcher(compiled)
            for byte in "\"\(name)\"".utf8 {
                matcher.allowed(into: &words)
                #expect(words[Int(byte) >> 6] >> UInt64(byte & 63) & 1 == 1)
                let isAccepted = matcher.accept(Int32(byte))
                #expect(isAccepted)
            }
            #expect(matcher.mustEnd)
        }
    }

    @Test func manyMembers() throws {
        let members = (0..<1_000).map { ("member\($0)", JSONValue.object(["type": "integer"])) }
        let grammar = try Grammar(jsonSchema: ["type": "object", "properties": .object(JSONObject(members))])
        #expect(grammar.matches(#"{"member3":1,"member999":2}"#.utf8))
        #expect(!grammar.matches(#"{"member999":1,"member3":2}"#.utf8))
    }

    @Test func largeCountsNeedNoMemory() throws {
        let grammar = try Grammar(gbnf: "root ::= ((\"a\" | \"bc\"){0,10000} \",\"){5,1000000}")
        let compiled = CompiledGrammar(grammar, Support.vocabulary(["aaaa", "aa,", "bcbc"]))
        var matcher = GrammarMatcher(compiled)
        var words: [UInt64] = []
        for turn in 0..<20_000 {
            matcher.allowed(into: &words)
            let isAccepted = matcher.accept(turn % 5000 == 4999 ? Int32(UInt8(ascii: ",")) : Int32(UInt8(ascii: "a")))
            #expect(isAccepted)
        }
        #expect(!matcher.mayEnd)
    }

    @Test func nestingIsBounded() throws {
        var matcher = GrammarMatcher(CompiledGrammar(.json, Support.byteVocabulary))
        var words: [UInt64] = []
        var depth = 0
        while matcher.accept(bytes: [UInt8(ascii: "[")]), depth < 100_000 { depth += 1 }
        #expect((300..<JSONValue.usualDepth * 2).contains(depth))
        // What is open can still be closed.
        matcher.allowed(into: &words)
        #expect(words.contains { $0 != 0 })
        for _ in 0..<depth {
            let isAccepted = matcher.accept(bytes: [UInt8(ascii: "]")])
            #expect(isAccepted)
        }
        #expect(matcher.mayEnd)
    }

    @Test func ambiguityIsMerged() throws {
        // 2^n ways to read n characters.
        let compiled = CompiledGrammar(
            try Grammar(gbnf: "root ::= x\nx ::= \"a\" x \"b\" | \"a\" x \"c\" | \"a\" x x \"d\" | \"\""),
            Support.byteVocabulary)
        var matcher = GrammarMatcher(compiled)
        var words: [UInt64] = []
        for _ in 0..<200 {
            matcher.allowed(into: &words)
            let isAccepted = matcher.accept(Int32(UInt8(ascii: "a")))
            #expect(isAccepted)
        }
        for _ in 0..<200 {
            matcher.allowed(into: &words)
            #expect(words[1] >> UInt64(UInt8(ascii: "b") & 63) & 1 == 1)
            let isAccepted = matcher.accept(Int32(UInt8(ascii: "b")))
            #expect(isAccepted)
        }
        #expect(matcher.mayEnd)
    }

    @Test func deepSchemas() throws {
        let deep = String(repeating: #"{"items":"#, count: 400) + "{}" + String(repeating: "}", count: 400)
        let error = #expect(throws: GrammarError.self) { try Support.schema(deep) }
        #expect(error?.code == .limit)
        let wide = JSONValue.array((0..<150).map { _ in ["anyOf": [["minLength": 1], ["maxLength": 2]]] })
        #expect(throws: GrammarError.self) { try Grammar(jsonSchema: ["allOf": wide]) }
        #expect(throws: GrammarError.self) {
            try Support.schema(#"{"type":"string","pattern":"^(a|b)*a(a|b){20}$","maxLength":30}"#)
        }
    }

    @Test func chainsOfRules() throws {
        var text = "root ::= r0\n"
        for rule in 0..<20_000 { text += "r\(rule) ::= \"a\" r\(rule + 1) | \"b\"\n" }
        text += "r20000 ::= \"c\""
        #expect(try Grammar(gbnf: text).matches("aaab".utf8))
    }

    @Test func copiesOutliveTheirSpace() throws {
        // Each count is a configuration of its own: the space fills up and is replaced.
        let compiled = CompiledGrammar(try Grammar(gbnf: "root ::= [a-z]{5,100000000} \"!\""), Support.byteVocabulary)
        var matcher = GrammarMatcher(compiled)
        let isReady = matcher.accept(bytes: Array("abcd".utf8))
        #expect(isReady)
        let early = matcher
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 20_000)
        for _ in 0..<3 {
            let isAccepted = matcher.accept(bytes: long)
            #expect(isAccepted)
        }
        var copy = early
        #expect(!copy.mayEnd)
        var isAccepted = copy.accept(bytes: Array("!".utf8))
        #expect(!isAccepted)
        isAccepted = copy.accept(bytes: Array("e!".utf8))
        #expect(isAccepted && copy.mustEnd)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["SWIFTLET_GBNF_FOLDER"] != nil))
    func grammarsOfAFolder() throws {
        let folder = URL(filePath: ProcessInfo.processInfo.environment["SWIFTLET_GBNF_FOLDER"] ?? "")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var count = 0
        for file in files where file.pathExtension == "gbnf" {
            let grammar = try Grammar(gbnf: String(contentsOf: file, encoding: .utf8))
            var matcher = GrammarMatcher(CompiledGrammar(grammar, Support.byteVocabulary))
            var words: [UInt64] = []
            matcher.allowed(into: &words)
            #expect(words.contains { $0 != 0 }, "\(file.lastPathComponent)")
            count += 1
        }
        print("\(count) grammars")
        #expect(count > 0)
    }
}
