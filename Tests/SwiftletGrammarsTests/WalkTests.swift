import Foundation
import SwiftletGrammars
import SwiftletGround
import SwiftletTokenizers
import Testing

/// Random outputs under masks, with the vocabularies of real models: each that ends is valid for its schema.
///
/// The validator here is small and knows nothing of grammars; `dev/grammars/validate.py` does the same for many more
/// schemas with PyPI's jsonschema.
@Suite(.enabled(if: RealVocabulary.isThere))
struct WalkTests {
    static let schemas: [JSONValue] = {
        var file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/grammars/schemas.json")
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_GRAMMAR_SCHEMAS"] { file = URL(filePath: path) }
        return (try? JSONValue(parsing: Data(contentsOf: file)).array) ?? []
    }()

    @Test func finishedOutputsAreValid() throws {
        #expect(Self.schemas.count >= 60)
        let real = try RealVocabulary.model.map { try RealVocabulary($0) } ?? RealVocabulary.qwen.get()
        var lines = ""
        var finished = 0
        var walks = 0
        for (index, schema) in Self.schemas.enumerated() {
            guard let grammar = try Self.grammar(index, schema) else { continue }
            let compiled = CompiledGrammar(grammar, real.vocabulary)
            for seed in 0..<3 {
                walks += 1
                guard let text = try Self.walk(compiled, real, seed: UInt64(index * 1000 + seed)) else { continue }
                finished += 1
                let value = try JSONValue(parsing: text)
                #expect(Validator(document: schema).isValid(value, schema), "schema \(index), seed \(seed): \(text)")
                lines += JSONValue.array([.integer(Int64(index)), .integer(Int64(seed)), .string(text)]).text() + "\n"
            }
        }
        print("\(finished) of \(walks) walks finished")
        #expect(finished > walks / 2)
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_GRAMMAR_OUTPUT"] {
            try lines.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    /// nil for a schema that asks for what is not supported, or for nothing.
    private static func grammar(_ index: Int, _ schema: JSONValue) throws -> Grammar? {
        let result = Result { () throws(GrammarError) in try Grammar(jsonSchema: schema) }
        if case .failure(let error) = result, [.unsupported, .matchesNothing].contains(error.code) {
            print("schema \(index): \(error)")
            return nil
        }
        return try result.get()
    }

    /// An output of at most 1,000 tokens; nil if it was not finished by then.
    static func walk(_ compiled: CompiledGrammar, _ real: RealVocabulary, seed: UInt64) throws -> String? {
        var random = Random(seed)
        var matcher = GrammarMatcher(compiled)
        var words: [UInt64] = []
        var bytes: [UInt8] = []
        for _ in 0..<1000 {
            if random.next() % 4 == 0 {
                for token in matcher.forcedTokens(limit: 8) {
                    let isAccepted = matcher.accept(token)
                    #expect(isAccepted)
                    bytes += Array(try real.tokenizer.bytes(of: token, special: false))
                }
            }
            matcher.allowed(into: &words)
            if matcher.mayEnd, matcher.mustEnd || random.next() % 3 == 0 {
                return String(validating: bytes, as: UTF8.self)
            }
            try #require(words.contains { $0 != 0 })
            // Strings would hardly end if all tokens were equally likely.
            var token = Self.choice(words, &random)
            for _ in 0..<Int(random.next() % 20) where !real.isStructure[Int(token)] {
                token = Self.choice(words, &random)
            }
            if real.ends.contains(token) { return String(validating: bytes, as: UTF8.self) }
            let isAccepted = matcher.accept(token)
            #expect(isAccepted)
            bytes += Array(try real.tokenizer.bytes(of: token, special: false))
        }
        return nil
    }

    /// The next allowed token after a random one.
    private static func choice(_ words: [UInt64], _ random: inout Random) -> Int32 {
        var place = Int(random.next() % UInt64(words.count))
        var word = words[place] & (.max << (random.next() % 64))
        while word == 0 {
            place = (place + 1) % words.count
            word = words[place]
        }
        return Int32(place * 64 + word.trailingZeroBitCount)
    }
}
