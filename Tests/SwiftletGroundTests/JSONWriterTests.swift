import SwiftletGround
import Testing

@Suite struct JSONWriterTests {
    let value: JSONValue = ["b": [1, 2.0, "é\"\\\n\u{1}\u{7F}😀"], "a": [:], "c": [nil, true, []]]

    @Test func writesCompactPrettySortedAndASCII() {
        #expect(value.text() == #"{"b":[1,2.0,"é\"\\\n\u0001\#u{7F}😀"],"a":{},"c":[null,true,[]]}"#)
        var style = JSONStyle.python
        style.sortsKeys = true
        style.escapesNonASCII = true
        #expect(
            value.text(style)
                == #"{"a": {}, "b": [1, 2.0, "\u00e9\"\\\n\u0001\u007f\ud83d\ude00"], "c": [null, true, []]}"#)
        let small: JSONValue = ["a": [1, ["b": nil]], "c": []]
        #expect(
            small.text(.pretty) == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": []
                }
                """)
    }

    @Test func readsBackWhatItWrote() throws {
        for style in [JSONStyle.compact, .pretty, .python] {
            #expect(try JSONValue(parsing: value.text(style)) == value)
        }
    }

    @Test func doublesReadBackToTheBit() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
            guard value.isFinite else { continue }
            #expect(try JSONValue(parsing: JSONValue.number(value).text()).number?.bitPattern == value.bitPattern)
        }
    }

    /// Expected texts are Python's `repr`.
    @Test(arguments: [
        (1e15, "1000000000000000.0"), (1e16, "1e+16"), (1.25e16, "1.25e+16"),
        (-12_345_678_901_234_568, "-1.2345678901234568e+16"),
        (9_999_999_999_999_998, "9999999999999998.0"), (1e22, "1e+22"), (1e-4, "0.0001"), (1e-5, "1e-05"),
        (-0.0, "-0.0"), (0.1 + 0.2, "0.30000000000000004"), (1e100, "1e+100"), (.leastNonzeroMagnitude, "5e-324"),
    ])
    func doublesLookAsInPython(value: Double, text: String) {
        #expect(value.pythonText == text)
    }

    @Test func notANumberIsNullUnlessAskedFor() {
        let value: JSONValue = [.number(.nan), .number(.infinity), .number(-.infinity)]
        #expect(value.text() == "[null,null,null]")
        var style = JSONStyle.compact
        style.writesNonFinite = true
        #expect(value.text(style) == "[NaN,Infinity,-Infinity]")
    }
}
