import SwiftletGround
import SwiftletTokenizers
import Testing

struct PreTokenizerTests {
    @Test func anUnknownNameIsAnErrorThatNamesIt() {
        let error = #expect(throws: TokenizerError.self) { try PreTokenization.words("a", "no-such-thing") }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("no-such-thing") == true)
    }

    @Test func everyFamilyKeepsEveryByte() throws {
        let text = " don't  \r\n\t ÉTÉ été 1234567 ½ !!…\u{3000}한국 漢字かな \u{301}\u{0}\u{E000}  "
        for name in PreTokenization.names {
            #expect(try PreTokenization.words(text, name).joined().utf8.elementsEqual(text.utf8), "\(name)")
            #expect(try PreTokenization.words("", name) == [])
        }
    }

    /// Every name, on texts that pull the families apart.
    @Test func wordsAreThoseOfTheReference() throws {
        let fixture = try Fixtures.json("pre-tokenizers")
        let texts = try #require(fixture["texts"]?.array).compactMap(\.string)
        let families = try #require(fixture["words"]?.object)
        var names: Set<String> = []
        for family in families {
            for name in family.key.split(separator: " ").map(String.init) {
                names.insert(name)
                for (text, lengths) in zip(texts, family.value.array ?? []) {
                    let words = try PreTokenization.words(text, name)
                    let expected = lengths.array?.compactMap(\.integer)
                    #expect(words.map(\.utf8.count) == expected, "\(name): \(text.debugDescription)")
                }
            }
        }
        #expect(names == Set(PreTokenization.names))
    }
}
