import SwiftletGround
import Testing

@Suite struct JSONObjectTests {
    @Test func keysAreBytes() throws {
        // "é" as one scalar and as two is the same String to Swift, and two keys to JSON.
        let object = try #require(try JSONValue(parsing: #"{"\u00e9": 1, "e\u0301": 2}"#).object)
        #expect(object.count == 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
    }

    @Test func theLastOfEqualKeysWinsInTheFirstPlace() throws {
        let value = try JSONValue(parsing: #"{"a": 1, "b": 2, "a": 3}"#)
        #expect(value.text() == #"{"a":3,"b":2}"#)
    }

    @Test(arguments: [3, 12, 13, 14, 200])
    func staysOrderedWhileItGrowsAndShrinks(count: Int) {
        var object = JSONObject()
        for i in 0..<count { object["k\(i)"] = .integer(Int64(i)) }
        #expect(Array(object.keys) == (0..<count).map { "k\($0)" })
        for i in 0..<count { #expect(object["k\(i)"]?.integer == i) }
        #expect(object["k\(count)"] == nil)
        object["k1"] = nil
        object["k0"] = "new"
        #expect(object.count == count - 1)
        #expect(object["k1"] == nil)
        #expect(object["k0"] == "new")
        #expect(object["k2"] == 2)
        #expect(object[1].key == "k2")
    }
}
