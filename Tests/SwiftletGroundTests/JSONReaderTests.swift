import SwiftletGround
import Testing

@Suite struct JSONReaderTests {
    @Test func readsEveryKindOfValue() throws {
        let text = """
            {"a": [1, -0, 2.5, 1e3, true, false, null], "b": {"": "x\\n\\u00e9\\ud83d\\ude00\\/"},
             "c": [], "d": {} }
            """
        let value = try JSONValue(parsing: text)
        let expected: JSONValue = [
            "a": [1, 0, 2.5, 1000.0, true, false, nil], "b": ["": "x\né😀/"], "c": [], "d": [:],
        ]
        #expect(value == expected)
        #expect(value["a"]?[2]?.number == 2.5)
        #expect(value["a"]?[3]?.integer == 1000)
        #expect(value["b"]?[""]?.string == "x\né😀/")
        #expect(value["z"] == nil)
        #expect(value["a"]?[7] == nil)
    }

    @Test(arguments: [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-9223372036854775809", "0.1", "-0.0",
        "1e22", "1e23", "123456789012345678e-30", "2.2250738585072011e-308", "4.9e-324", "1e-999999999999999999999",
        "1.7976931348623157e308", "0.30000000000000004", "9007199254740993", "9007199254740993.0", "1E+2", "1.5e-7",
        "179769313486231570000000000000000000000000000000000000000000000000000000000",
    ])
    func numbersAreTheNearest(_ text: String) throws {
        switch try JSONValue(parsing: text) {
        case .integer(let value): #expect(value == Int64(text))
        case .number(let value):
            #expect(value.bitPattern == Double(text)?.bitPattern)
            #expect(Int64(text) == nil)
        default: Issue.record("not a number")
        }
    }

    @Test func randomNumbersAreTheNearest() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let digits = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
            let text =
                "\(digits).\(UInt16.random(in: 0...9999, using: &random))e\(Int.random(in: -60...60, using: &random))"
            #expect(try JSONValue(parsing: text).number?.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
    }

    @Test(arguments: [
        ("", "line 1, column 1"), ("{", "line 1, column 2"), ("[1,]", "line 1, column 4"),
        ("[1 2]", "line 1, column 4"), ("{\"a\" 1}", "line 1, column 6"), ("{a: 1}", "line 1, column 2"),
        ("{\"a\": 1,}", "line 1, column 9"), ("nul", "line 1, column 1"), ("NaN", "line 1, column 1"),
        ("-Infinity", "line 1, column 2"), ("01", "line 1, column 1"), ("-", "line 1, column 2"),
        ("1.", "line 1, column 3"), ("1e", "line 1, column 3"), (".5", "line 1, column 1"), ("+1", "line 1, column 1"),
        ("\"a", "line 1, column 3"), ("\"é\n\"", "line 1, column 3"), ("\"\\x\"", "line 1, column 3"),
        ("\"\\u12\"", "line 1, column 4"), ("\"\\u12G4\"", "line 1, column 4"), ("[1]\n x", "line 2, column 2"),
        ("\"\\", "line 1, column 3"), ("'a'", "line 1, column 1"), ("[1] // x", "line 1, column 5"),
        ("\u{FEFF}\u{FEFF}1", "line 1, column 2"),
    ])
    func refusesWhatIsNotJSON(text: String, place: String) {
        let failure = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(failure?.code == .syntax)
        #expect(failure?.place == place)
    }

    @Test(arguments: ["\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\""])
    func refusesHalfOfASurrogatePair(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect((try? JSONValue(parsing: text.replacing("\\u", with: "\\\\u"))) != nil)
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC3, 0x22],
    ])
    func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
        #expect(#expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }?.code == .encoding)
        let escaped = Array("\"\\n".utf8) + bytes.dropFirst()
        #expect(#expect(throws: JSONError.self) { try JSONValue(parsing: escaped) }?.code == .encoding)
    }

    @Test func refusesNumbersBeyondDouble() {
        for text in ["1e309", "-1e309", "1e99999999999999999999", String(repeating: "9", count: 400)] {
            #expect(#expect(throws: JSONError.self) { try JSONValue(parsing: text) }?.code == .numberRange)
        }
    }

    @Test func boundsDepth() throws {
        let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        _ = try JSONValue(parsing: deep(512))
        #expect(#expect(throws: JSONError.self) { try JSONValue(parsing: deep(513)) }?.code == .depth)
        _ = try JSONValue(parsing: deep(1024), maximumDepth: .max)
        #expect(#expect(throws: JSONError.self) { try JSONValue(parsing: deep(1_000_000), maximumDepth: .max) } != nil)
        let objects = String(repeating: "{\"a\":", count: 1_000_000)
        #expect(#expect(throws: JSONError.self) { try JSONValue(parsing: objects) }?.code == .depth)
    }

    @Test func boundsTheNumberOfValues() throws {
        // The array itself, the object in it and six more.
        let text = Array("[{\"a\": 1, \"b\": [2, 3]}, null, true]".utf8)
        _ = try JSONValue(parsing: text, maximumValues: 8)
        #expect(
            #expect(throws: JSONError.self) { try JSONValue(parsing: text, maximumValues: 7) }?.code == .size)
    }

    @Test func everyPrefixOfATextIsRefused() throws {
        let text = Array(#"{"key": [1.5e3, "é\u00e9\ud83d\ude00", {"n": null}, true, -12]}"#.utf8)
        _ = try JSONValue(parsing: text)
        for count in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: text.prefix(count)) }
        }
    }

    @Test func findsTheEndOfAStringAtEveryOffset() throws {
        for count in 0..<40 {
            for mark in ["", "\\\"", "\\\\", "é", "\u{7F}", "~"] {
                let text = String(repeating: "x", count: count)
                let value = try JSONValue(parsing: "\"\(text)\(mark)\(text)\"")
                let plain = mark.hasPrefix("\\") ? String(mark.dropFirst()) : mark
                #expect(value.string == text + plain + text)
            }
        }
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        #expect(try JSONValue(parsing: "\u{FEFF}1") == 1)
    }
}
