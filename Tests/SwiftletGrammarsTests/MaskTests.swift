import SwiftletGrammars
import SwiftletGround
import Testing

/// Masks and matchers over small vocabularies, against their definitions.
struct MaskTests {
    static let words = [
        "ab", "abc", "a\"", "\",", "\": ", "{\"", "\"}", "}]", "]}", "}}", "12", "123", "1,", "1]", "0.5", "  ", ",\n",
        "\n  ", "é", "漢字",
        "true", "false", "null", "\"a", "a\": 1", "name\": \"", "[[", "]]]]", "\\\"", "\\u00e9\"", "xxxxxxxxxxxxxxxx",
        "xxxx\"", "ab",
    ]
    static let vocabulary = Support.vocabulary(words)

    static let schemas = [
        "true", #"{"type":"object"}"#,
        #"{"type":"array","items":{"type":"integer","minimum":-5,"maximum":120},"maxItems":3}"#,
        #"{"type":"object","properties":{"name":{"type":"string","maxLength":12},"a":{"type":"number"}},"required":["name"]}"#,
        #"{"type":"string","pattern":"^(ab|x{3,30})+$"}"#,
        #"{"type":"array","items":{"type":"string","minLength":3,"maxLength":20}}"#,
        ##"{"type":"object","properties":{"a":{"$ref":"#"},"ab":{"type":"array","items":{"$ref":"#"}}}}"##,
    ]
    static let grammars = [
        "root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"\"",
        "root ::= (word \" \"){2,}\nword ::= letter+\nletter ::= [a-zé]",
        "root ::= x{2,7} y\nx ::= \"x\" | \"xx\"\ny ::= [^x]* \"\\n\"",
        "root ::= (a | b)*\na ::= \"ab\" root \"c\"\nb ::= [\"{}:, ]+",
        "root ::= w\nw ::= c w | c\nc ::= [a-z] | \"(\" w \")\"",
    ]

    static func all() throws -> [Grammar] {
        try schemas.map { try Support.schema($0) } + grammars.map { try Grammar(gbnf: $0) } + [
            .freeText(until: ["ab", "{\""], then: .sequence([.json, .literal("!")])),
            .sequence([.text(through: ["\"}"]), .json]),
            .repeated(.choice([.literal("ab"), .literal("a"), .anyJSONObject]), 2...40),
        ]
    }

    /// Each token is allowed exactly when its bytes can be read one after the other.
    @Test(arguments: 0..<15)
    func masksAreWhatTheyAreDefinedAs(_ index: Int) throws {
        let compiled = CompiledGrammar(try Self.all()[index], Self.vocabulary)
        var random = Random(UInt64(index))
        var checked = 0
        for _ in 0..<40 {
            var matcher = GrammarMatcher(compiled)
            var words: [UInt64] = []
            for _ in 0..<60 {
                matcher.allowed(into: &words)
                var naive: [Int32] = []
                for token in 0..<Int32(Self.vocabulary.count - 1) {
                    var copy = matcher
                    let bytes = token < 256 ? [UInt8(token)] : Array(Self.words[Int(token) - 256].utf8)
                    if copy.accept(bytes: bytes) { naive.append(token) }
                }
                if matcher.mayEnd { naive.append(Int32(Self.vocabulary.count - 1)) }
                #expect(Support.tokens(words) == naive)
                checked += 1
                // Long tokens and endings are rare: give them a chance.
                let long = naive.filter { $0 >= 256 }
                guard
                    let token = (random.next() % 3 == 0 ? naive : long.isEmpty ? naive : long).randomElement(
                        using: &random)
                else { break }
                do {
                    let isAccepted = matcher.accept(token)
                    #expect(isAccepted)
                }
                if token == Int32(Self.vocabulary.count - 1) { break }
            }
        }
        #expect(checked > 40)
    }

    @Test func refusedTokensChangeNothing() throws {
        var matcher = GrammarMatcher(CompiledGrammar(try Grammar(gbnf: "root ::= \"ab\""), Self.vocabulary))
        do {
            let isAccepted = matcher.accept(Int32(UInt8(ascii: "b")))
            #expect(!isAccepted)
        }
        do {
            let isAccepted = matcher.accept(-1)
            #expect(!isAccepted)
        }
        do {
            let isAccepted = matcher.accept(1 << 20)
            #expect(!isAccepted)
        }
        let end = Int32(Self.vocabulary.count - 1)
        do {
            let isAccepted = matcher.accept(end)
            #expect(!isAccepted)
        }
        let before = matcher
        do {
            let isAccepted = matcher.accept(256)
            #expect(isAccepted)
        }
        #expect(matcher.mayEnd && matcher.mustEnd)
        #expect(!before.mayEnd)
        do {
            let isAccepted = matcher.accept(end)
            #expect(isAccepted)
        }
        do {
            let isAccepted = matcher.accept(end)
            #expect(isAccepted)
        }
    }

    @Test func forcedTokens() throws {
        let grammar = try Support.schema(
            #"{"type":"object","properties":{"name":{"type":"string"},"ab":{"const":"abc"}},"required":["name","ab"]}"#,
            .compact)
        var matcher = GrammarMatcher(CompiledGrammar(grammar, Self.vocabulary))
        // {"name":" and then any character: `{"` `n` `a` `m` `e` `"` are sure; `":"`… `"` could become `"a` or `",`.
        do {
            let isAccepted = matcher.forcedBytes(limit: 100) == Array(#"{"name":""#.utf8)
            #expect(isAccepted)
        }
        let forced = matcher.forcedTokens(limit: 100)
        #expect(forced.first == Int32(261))
        for token in forced {
            let isAccepted = matcher.accept(token)
            #expect(isAccepted)
        }
        do {
            let forced = matcher.forcedTokens(limit: 0)
            #expect(forced == [])
        }
        do {
            let isAccepted = matcher.accept(bytes: Array(#"""#.utf8))
            #expect(isAccepted)
        }
        do {
            let isAccepted = matcher.accept(bytes: Array(#"x""#.utf8))
            #expect(isAccepted)
        }
        do {
            let isAccepted = matcher.forcedBytes(limit: 5) == Array(#","ab""#.utf8)
            #expect(isAccepted)
        }
        do {
            let isAccepted = matcher.forcedBytes(limit: 100) == Array(#","ab":"abc"}"#.utf8)
            #expect(isAccepted)
        }
        for token in matcher.forcedTokens(limit: 100) {
            let isAccepted = matcher.accept(token)
            #expect(isAccepted)
        }
        #expect(matcher.mustEnd)
        do {
            let forced = matcher.forcedTokens(limit: 100)
            #expect(forced == [])
        }
    }

    @Test func freeTextBindsAfterATrigger() throws {
        let grammar = Grammar.freeText(
            until: ["<call>", "<cat"], then: .sequence([.literal("["), .json, .literal("]")]))
        for text in ["", "hi <cal", "<call>[1]", "a<cat[{}] b <call>[2]<", "<ca<call>[1]"] {
            #expect(grammar.matches(text.utf8), "\(text)")
        }
        for text in ["<call>", "<call>x", "<call>[1", "x<cat<"] { #expect(!grammar.matches(text.utf8), "\(text)") }
        let through = Grammar.sequence([.text(through: ["</think>"]), .literal("!")])
        #expect(through.matches("a</thin</think>!".utf8))
        #expect(!through.matches("a!".utf8))
        #expect(Grammar.freeText(until: ["stop"], then: nil).matches("so stop".utf8))
        #expect(!Grammar.freeText(until: ["stop"], then: nil).matches("so stop!".utf8))
    }

    @Test func combinators() throws {
        let grammar = Grammar.sequence([
            .literal("<"), .choice([.literal("a"), try Grammar(gbnf: "root ::= x+\nx ::= [0-9]")]),
            .repeated(.literal(","), 1...), .literal(">"),
        ])
        for text in ["<a,>", "<12,,,>"] { #expect(grammar.matches(text.utf8)) }
        for text in ["<a>", "<,>", "<a1,>"] { #expect(!grammar.matches(text.utf8)) }
    }

    @Test func tokensByNumberAndName() throws {
        let bytes: [[UInt8]?] = (0...255).map { [UInt8($0)] } + [nil, nil, Array("<x>".utf8), nil]
        let vocabulary = GrammarVocabulary(
            tokenBytes: bytes, endTokens: [259], specialTokens: ["<think>": 256, "</think>": 257])
        let compiled = CompiledGrammar(
            try Grammar(gbnf: "root ::= <think> !</think>* <[257]> \"a\" <x> <unknown>?"), vocabulary)
        #expect(compiled.unknownTokens == ["<unknown>"])
        var matcher = GrammarMatcher(compiled)
        var words: [UInt64] = []
        matcher.allowed(into: &words)
        #expect(Support.tokens(words) == [256])
        do {
            let isAccepted = matcher.accept(256)
            #expect(isAccepted)
        }
        matcher.allowed(into: &words)
        #expect(Support.tokens(words) == Array(0...258))
        for token: Int32 in [65, 256, 258, 257, 97, 258] {
            let isAccepted = matcher.accept(token)
            #expect(isAccepted)
        }
        #expect(matcher.mustEnd)
    }
}
