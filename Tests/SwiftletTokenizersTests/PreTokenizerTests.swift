import SwiftletTokenizers
import Testing

struct PreTokenizerTests {
    @Test func anUnknownNameIsAnErrorThatNamesIt() {
        #expect(throws: TokenizerError.self) { try PreTokenization.words("a", "no-such-thing") }
        do { _ = try PreTokenization.words("a", "no-such-thing") } catch {
            #expect("\(error)".contains("no-such-thing"))
        }
    }

    @Test func everyFamilyKeepsEveryByte() throws {
        let text = " don't  \r\n\t ÉTÉ été 1234567 ½ !!…\u{3000}한국 漢字かな \u{301}\u{0}\u{E000}  "
        for name in PreTokenization.names {
            #expect(try PreTokenization.words(text, name).joined().utf8.elementsEqual(text.utf8), "\(name)")
            #expect(try PreTokenization.words("", name) == [])
        }
    }
}
