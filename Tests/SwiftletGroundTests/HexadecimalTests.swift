import SwiftletGround
import Testing

struct HexadecimalTests {
    @Test func everyByteComesBack() {
        let bytes = (0...255).map { UInt8($0) }
        let text = bytes.hexadecimal
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff") && text.utf8.count == 512)
        #expect([UInt8](hexadecimal: text) == bytes)
        #expect([UInt8](hexadecimal: "") == [])
    }

    @Test(arguments: ["0", "0g", "FF", "+1", "0x", " 1", "１２", "1\u{0301}2"]) func whatIsNoDigitsIsRefused(
        _ text: String
    ) {
        #expect([UInt8](hexadecimal: text) == nil)
    }
}
