import Foundation
import SwiftletGround
import SwiftletTokenizers
import Testing

struct HuggingFaceTests {
    static let names = ["byte-level", "llama-like", "unigram", "word-piece"]

    static func load(_ name: String) throws -> any Tokenizer {
        try TokenizerLoader.load(json: Data(contentsOf: Fixtures.url(name)))
    }

    @Test("ids are those of Hugging Face's tokenizers", arguments: names)
    func ids(_ name: String) throws {
        let tokenizer = try Self.load(name)
        let fixture = try Fixtures.json("expected")
        let cases = try #require(fixture["cases"]?[name]?.array)
        for item in cases {
            let text = try #require(item[0]?.string)
            let plain = item[1]?.array?.compactMap(\.integer).map(TokenID.init)
            let whole = item[2]?.array?.compactMap(\.integer).map(TokenID.init)
            #expect(tokenizer.encode(text, addSpecial: false, parseSpecial: true) == plain, "\(text.debugDescription)")
            #expect(tokenizer.encode(text, addSpecial: true, parseSpecial: true) == whole, "\(text.debugDescription)")
        }
    }

    @Test("a stream of tokens gives the text of all", arguments: names)
    func streams(_ name: String) throws {
        let tokenizer = try Self.load(name)
        for text in ["Hello, it 's a naïve café ... 😀👩‍🚀 漢字!", " two  spaces\n\n", "don't ' x ' , y ?"] {
            let tokens = tokenizer.encode(text)
            var detokenizer = tokenizer.makeDetokenizer()
            var streamed = ""
            for token in tokens {
                let piece = try detokenizer.append(token)
                #expect(!piece.unicodeScalars.contains("\u{FFFD}"))
                streamed += piece
            }
            streamed += detokenizer.finish()
            #expect(try tokenizer.decode(tokens).utf8.elementsEqual(streamed.utf8))
            if name == "byte-level" || name == "llama-like" { #expect(streamed.utf8.elementsEqual(text.utf8)) }
        }
    }

    @Test func aTokenOutsideTheVocabularyIsAnError() throws {
        let tokenizer = try Self.load("byte-level")
        for token: TokenID in [-1, TokenID(tokenizer.vocabulary.count), .max] {
            let error = #expect(throws: TokenizerError.self) { try tokenizer.decode([token]) }
            #expect(error?.code == .unknownToken)
        }
    }

    @Test(
        "what is unknown is an error that names it",
        arguments: [
            (#""type":"NFC""#, #""type":"Sorcery""#, "Sorcery"),
            (#""behavior":"Isolated""#, #""behavior":"MergedWithNext""#, "MergedWithNext"),
            (#"(?i:'s"#, #"(?i:'z"#, "'z"),
            (#""type":"TemplateProcessing""#, #""type":"Magic""#, "Magic"),
            (#""type":"BPE""#, #""type":"Alchemy""#, "Alchemy"),
        ])
    func unknown(_ from: String, _ to: String, _ named: String) throws {
        let text = try String(contentsOf: Fixtures.url("byte-level"), encoding: .utf8)
        #expect(text.contains(from))
        let error = #expect(throws: TokenizerError.self) {
            try TokenizerLoader.load(json: text.replacing(from, with: to).utf8)
        }
        #expect(error?.description.contains(named) == true, "\(error.map(String.init(describing:)) ?? "")")
    }

    /// Broken files throw or load; they never trap.
    @Test(arguments: names) func brokenFilesDoNotTrap(_ name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: Fixtures.url(name)))
        var random = SystemRandomNumberGenerator()
        for _ in 0..<25 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<broken.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: broken[place] = UInt8.random(in: 0...255, using: &random)
                case 1: broken.removeSubrange(place..<min(broken.count, place + 9))
                case 2: broken.insert(contentsOf: #"9999999"#.utf8, at: place)
                default: broken.insert(contentsOf: #"",null,-1,""#.utf8, at: place)
                }
            }
            if let tokenizer = try? TokenizerLoader.load(json: broken) { _ = tokenizer.encode("Hello, world! é漢") }
        }
    }
}
