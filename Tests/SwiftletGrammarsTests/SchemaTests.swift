import SwiftletGrammars
import SwiftletGround
import Testing

/// Keyword by keyword: texts that the grammar of a schema makes, and texts that it does not.
struct SchemaTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let schema: String
        let yes: [String]
        let no: [String]
        var testDescription: String { schema }

        init(_ schema: String, _ yes: [String], _ no: [String]) {
            self.schema = schema
            self.yes = yes
            self.no = no
        }
    }

    static let cases =
        objects + arrays + numbers + strings + combined

    static let objects = [
        Case(
            #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{"type":"null"}},"required":["b"]}"#,
            [
                #"{"b":""}"#, #"{"a":1,"b":"x","c":null}"#, #"{ "a": 1, "b": "x"}"#, "{\n  \"b\": \"x\"\n}",
                #"{"b":"","c":null}"#,
            ],
            [
                #"{}"#, #"{"a":1}"#, #"{"b":"","a":1}"#, #"{"b":1}"#, #"{"b":"","d":1}"#, #"{"b":"",}"#, #"{,"b":""}"#,
                "{    \"b\":\"\"}",
            ]),
        Case(#"{"type":"object"}"#, ["{}", #"{"x":[1,{"y":null}],"x":true}"#], ["[]", #"{"x"}"#]),
        Case(
            #"{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"boolean"}}"#,
            ["{}", #"{"a":1}"#, #"{"b":true}"#, #"{"a":1,"b":true,"ab":false,"":true}"#],
            [#"{"a":true}"#, #"{"b":true,"a":true}"#, #"{"b":1}"#]),
        Case(#"{"type":"object","additionalProperties":false}"#, ["{}", "{ }"], [#"{"a":1}"#]),
        Case(
            #"{"type":"object","additionalProperties":{"type":"integer"},"minProperties":1,"maxProperties":2}"#,
            [#"{"a":1}"#, #"{"a":1,"b":2}"#], ["{}", #"{"a":1,"b":2,"c":3}"#]),
        Case(
            #"{"type":"object","properties":{"a":true,"b":true,"c":true},"minProperties":2,"maxProperties":2}"#,
            [#"{"a":1,"b":2}"#, #"{"a":1,"c":2}"#], [#"{"a":1}"#, "{}", #"{"a":1,"b":1,"c":1}"#]),
        Case(#"{"type":"object","required":["x"]}"#, [#"{"x":1}"#, #"{"x":1,"y":2}"#], ["{}", #"{"y":2}"#]),
        Case(
            #"{"type":"object","patternProperties":{"^n_":{"type":"integer"},"^s_":{"type":"string"}}}"#,
            ["{}", #"{"n_a":1,"s_":"x"}"#], [#"{"n_a":"x"}"#, #"{"x":1}"#]),
        Case(
            #"{"type":"object","propertyNames":{"pattern":"^[a-z]{1,3}$"},"additionalProperties":{"type":"integer"}}"#,
            ["{}", #"{"abc":1}"#], [#"{"abcd":1}"#, #"{"A":1}"#]),
        Case(
            #"{"type":"object","propertyNames":{"enum":["x","y"]},"additionalProperties":{"type":"integer"}}"#,
            [#"{"y":1}"#], [#"{"z":1}"#]),
        Case(#"{"properties":{"é\"\n":{"const":1}},"required":["é\"\n"]}"#, [#"{"é\"\n":1}"#], ["{}", "1"]),
    ]

    static let arrays = [
        Case(#"{"type":"array"}"#, ["[]", "[ ]", "[1,[2,{}]]", "[\n\t1, 2]"], ["[1,]", "{}", "[,1]"]),
        Case(
            #"{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}"#, ["[1]", "[1, 2,3]"],
            ["[]", "[1,2,3,4]", #"["a"]"#]),
        Case(#"{"items":{"type":"boolean"},"minItems":2}"#, ["[true,false]", "[true,true,true]"], ["[true]", "[]"]),
        Case(
            #"{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}]}"#, ["[]", "[1]", #"[1,"a"]"#],
            [#"["a"]"#, #"[1,"a",2]"#]),
        Case(
            #"{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":{"type":"null"},"minItems":2,"maxItems":4}"#,
            [#"[1,"a"]"#, #"[1,"a",null,null]"#], ["[1]", #"[1,"a",1]"#, #"[1,"a",null,null,null]"#]),
        Case(#"{"type":"array","items":[{"type":"integer"}],"additionalItems":false}"#, ["[1]", "[]"], ["[1,2]"]),
        Case(#"{"type":"array","maxItems":0}"#, ["[]"], ["[1]"]),
        Case(
            #"{"type":"array","items":{"type":"integer"},"minItems":3,"maxItems":10000}"#,
            ["[1,2,3]", "[" + Array(repeating: "1", count: 10_000).joined(separator: ",") + "]"],
            ["[1,2]", "[" + Array(repeating: "1", count: 10_001).joined(separator: ",") + "]"]),
        Case(#"{"type":"array","uniqueItems":true,"maxItems":1}"#, ["[]", "[1]"], ["[1,2]"]),
    ]

    static let numbers = [
        Case(#"{"type":"integer"}"#, ["0", "-1", "1234567890123456"], ["01", "1.0", "+1", "-", "12345678901234567"]),
        Case(#"{"type":"number"}"#, ["0", "-0.5", "1e5", "1.25E-10"], ["1.", ".5", "1e", "1e100", "NaN"]),
        Case(
            #"{"type":"integer","minimum":3,"maximum":117}"#, ["3", "9", "10", "99", "100", "117"],
            ["2", "118", "03", "-5", "1000"]),
        Case(
            #"{"type":"integer","exclusiveMinimum":-20,"exclusiveMaximum":5}"#, ["-19", "-1", "0", "4"],
            ["-20", "5", "-0", "-100"]),
        Case(#"{"type":"integer","minimum":0}"#, ["0", "7", "9999999999999999"], ["-1"]),
        Case(#"{"type":"integer","maximum":-5}"#, ["-5", "-6", "-50"], ["-4", "0", "5"]),
        Case(#"{"type":"integer","minimum":1.5,"maximum":3.5}"#, ["2", "3"], ["1", "4"]),
        Case(#"{"type":"integer","minimum":0,"exclusiveMinimum":true,"maximum":2}"#, ["1", "2"], ["0", "3"]),
        Case(
            #"{"type":"integer","multipleOf":5,"minimum":-10,"maximum":1000}"#, ["-10", "0", "5", "125", "1000"],
            ["1", "1005", "-15"]),
        Case(#"{"type":"integer","multipleOf":7}"#, ["7", "-49", "7000000000000"], ["8", "7000000000001"]),
        Case(
            #"{"type":"number","minimum":0,"maximum":1}"#, ["0", "1", "0.5", "0.000001", "1.0", "0.0"],
            ["1.000001", "-0.1", "2", "1e0"]),
        Case(
            #"{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}"#, ["0.5", "0.01", "0.999"],
            ["0", "0.0", "1", "1.0"]),
        Case(
            #"{"type":"number","minimum":-1.25,"maximum":2.5}"#,
            ["-1.25", "-1.2", "-1", "-0.5", "0", "2.5", "2.49", "2"], ["-1.26", "2.51", "-2", "3"]),
        Case(
            #"{"type":"number","minimum":100.5}"#, ["100.5", "100.51", "101", "123456.7"],
            ["100", "100.4", "99.9", "-200"]),
        Case(#"{"type":"number","multipleOf":0.01,"minimum":0}"#, ["0.01", "1.5", "99.99", "7"], ["0.001", "-1"]),
        Case(#"{"type":"number","multipleOf":3}"#, ["3", "-9"], ["1", "3.5"]),
        Case(#"{"minimum":5,"maximum":6}"#, ["5", "5.5", "6"], ["4", #""x""#]),
    ]

    static let strings = [
        Case(
            #"{"type":"string"}"#, [#""""#, #""é\n\u00e9\ud83d\ude00\"""#, "\"a\u{7F}\""],
            ["\"\n\"", #""\x""#, #""\ud83d""#, #""\ud83dx""#, #"""#, "'a'"]),
        Case(
            #"{"type":"string","minLength":2,"maxLength":3}"#,
            [#""ab""#, #""é😀漢""#, #""\u00e9\n""#, #""\ud83d\ude00a""#], [#""a""#, #""abcd""#]),
        Case(
            #"{"type":"string","maxLength":1000}"#, [#""""#, "\"" + String(repeating: "é", count: 1000) + "\""],
            ["\"" + String(repeating: "é", count: 1001) + "\""]),
        Case(#"{"type":"string","pattern":"^[a-z]+\\d{2}$"}"#, [#""ab12""#], [#""ab1""#, #""12""#, #""xab12x""#]),
        Case(#"{"type":"string","pattern":"b"}"#, [#""b""#, #""abc""#, "\"\\n\\\"b\""], [#""ac""#, #""""#]),
        Case(#"{"type":"string","pattern":"^a|b$"}"#, [#""ax""#, #""xb""#], [#""xa""#, #""bx""#]),
        Case(#"{"type":"string","pattern":"^\"\\\\\\t$"}"#, [#""\"\\\t""#], [#""a""#]),
        Case(
            #"{"type":"string","pattern":"^[a-z]*$","minLength":2,"maxLength":4}"#, [#""ab""#, #""abcd""#],
            [#""a""#, #""abcde""#, #""aB""#]),
        Case(
            #"{"type":"string","format":"date"}"#, [#""2024-02-29""#, #""2000-02-29""#, #""1999-12-31""#],
            [#""2023-02-29""#, #""1900-02-29""#, #""2024-04-31""#, #""2024-13-01""#, #""2024-1-1""#, #""0000-01-01""#]),
        Case(
            #"{"type":"string","format":"time"}"#, [#""23:59:59Z""#, #""00:00:00.5+02:00""#],
            [#""24:00:00Z""#, #""12:00Z""#]),
        Case(
            #"{"type":"string","format":"date-time"}"#, [#""2024-02-29T12:00:00Z""#],
            [#""2024-02-29""#, #""2024-02-29 12:00:00Z""#]),
        Case(
            #"{"type":"string","format":"uuid"}"#, [#""123e4567-e89b-12d3-a456-426614174000""#],
            [#""123e4567e89b12d3a456426614174000""#]),
        Case(#"{"type":"string","format":"email"}"#, [#""a.b+c@example.com""#], [#""a@b""#, #""@b.c""#, #""a.@b.c""#]),
        Case(
            #"{"type":"string","format":"ipv4"}"#, [#""255.0.10.1""#], [#""256.0.0.1""#, #""1.2.3""#, #""01.2.3.4""#]),
        Case(
            #"{"type":"string","format":"ipv6"}"#,
            [#""::1""#, #""2001:db8::ff00:42:8329""#, #""1:2:3:4:5:6:7:8""#, #""::""#],
            [#""1:2:3:4:5:6:7:8:9""#, #""1::2::3""#, #""12345::""#]),
        Case(
            #"{"type":"string","format":"uri"}"#, [#""https://example.com:8080/a/b?x=1#y""#, #""mailto:a@b.c""#],
            [#""example.com""#, #""https://a b""#]),
        Case(#"{"type":"string","format":"hostname","maxLength":8}"#, [#""a-b.com""#], [#""-a""#, #""example.com""#]),
        Case(#"{"type":"string","format":"password"}"#, [#""x""#], ["1"]),
    ]

    static let combined = [
        Case(#"true"#, ["1", "{}", "[null]"], ["", "x"]),
        Case(#"{}"#, ["1", #""x""#, "false"], [""]),
        Case(#"{"enum":["a",1,null,{"b":[1.5]}]}"#, [#""a""#, "1", "null", #"{"b":[1.5]}"#], ["2", #""b""#]),
        Case(#"{"const":"x"}"#, [#""x""#], [#""y""#]),
        Case(#"{"type":"string","enum":["a",1,"bb"],"minLength":2}"#, [#""bb""#], [#""a""#, "1"]),
        Case(#"{"type":["string","null"],"maxLength":1}"#, [#""a""#, "null"], [#""ab""#, "1"]),
        Case(#"{"type":"string","nullable":true}"#, [#""a""#, "null"], ["1"]),
        Case(
            #"{"anyOf":[{"type":"integer"},{"type":"string","maxLength":1},{"type":"null"}]}"#, ["1", #""a""#, "null"],
            [#""ab""#, "true"]),
        Case(
            #"{"oneOf":[{"type":"object","properties":{"k":{"const":"a"},"x":{"type":"integer"}},"required":["k"]},{"type":"object","properties":{"k":{"const":"b"}},"required":["k"]}]}"#,
            [#"{"k":"a","x":1}"#, #"{"k":"b"}"#], [#"{"k":"c"}"#, #"{"k":"b","x":1}"#]),
        Case(
            #"{"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":{"type":"string"},"a":{"minimum":5}},"required":["b"]}]}"#,
            [#"{"a":5,"b":""}"#], [#"{"a":4,"b":""}"#, #"{"a":5}"#, #"{"b":""}"#]),
        Case(
            #"{"type":"object","properties":{"t":{"type":"string"}},"required":["t"],"anyOf":[{"properties":{"x":{"type":"integer"}},"required":["x"]},{"properties":{"y":{"type":"integer"}},"required":["y"]}]}"#,
            [#"{"t":"","x":1}"#, #"{"t":"","y":1}"#], [#"{"t":""}"#, #"{"t":"","x":1,"y":1}"#]),
        Case(
            ##"{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["v","next"]}}}"##,
            [#"{"v":1,"next":null}"#, #"{"v":1,"next":{"v":2,"next":{"v":3,"next":null}}}"#],
            [#"{"v":1}"#, #"{"v":1,"next":{"v":2}}"#]),
        Case(
            ##"{"properties":{"kids":{"type":"array","items":{"$ref":"#"}}},"type":"object"}"##,
            ["{}", #"{"kids":[{},{"kids":[]}]}"#], [#"{"kids":[1]}"#]),
        Case(
            ##"{"definitions":{"a b/c":{"type":"integer"}},"$ref":"#/definitions/a%20b~1c","description":"x"}"##, ["1"],
            ["null"]),
        Case(##"{"$defs":{"s":{"type":"string"}},"$ref":"#/$defs/s","maxLength":1}"##, [#""a""#], [#""ab""#]),
    ]

    @Test(arguments: cases)
    func matches(_ item: Case) throws {
        let grammar = try Support.schema(item.schema)
        for text in item.yes { #expect(grammar.matches(text.utf8), "\(text)") }
        for text in item.no { #expect(!grammar.matches(text.utf8), "\(text)") }
    }

    @Test(arguments: [
        (#"{"type":"object","properties":{"a":{"not":{}}}}"#, "grammar-unsupported", "#/properties/a/not"),
        (#"{"if":{},"then":{}}"#, "grammar-unsupported", "#/if"),
        (#"{"items":{"contains":{}}}"#, "grammar-unsupported", "#/items/contains"),
        (#"{"type":"strin"}"#, "grammar-schema", "#/type"), (#"{"properties":[]}"#, "grammar-schema", "#/properties"),
        (#"{"anyOf":[]}"#, "grammar-schema", "#/anyOf"), (##"{"$ref":"#/nowhere"}"##, "grammar-schema", "#/$ref"),
        (#"{"$ref":"https://example.com/x"}"#, "grammar-unsupported", "#/$ref"), ("3", "grammar-schema", "#"),
        (#"{"oneOf":[{"type":"integer"},{"type":"number"}]}"#, "grammar-unsupported", "#/oneOf"),
        (
            #"{"type":"string","pattern":"(?=a)"}"#, "grammar-unsupported",
            "#/pattern, character 1 of the regular expression"
        ),
        (#"{"type":"string","pattern":"["}"#, "grammar-syntax", "#/pattern, character 1 of the regular expression"),
        (#"{"type":"string","format":"iri"}"#, "grammar-unsupported", "#/format"),
        (#"{"type":"array","uniqueItems":true}"#, "grammar-unsupported", "#/uniqueItems"),
        (##"{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"##, "grammar-matches-nothing", "#"),
        (##"{"allOf":[{"$ref":"#"},{"type":"object"}]}"##, "grammar-schema", "#/allOf/0/$ref"),
        (#"{"allOf":[{"type":"integer"},{"type":"string"}]}"#, "grammar-matches-nothing", "#"),
        (#"{"type":"number","multipleOf":0.3}"#, "grammar-unsupported", "#/multipleOf"),
        (#"{"type":"integer","minimum":1e300}"#, "grammar-unsupported", "#"),
    ])
    func refuses(_ schema: String, _ code: String, _ place: String) {
        let error = #expect(throws: GrammarError.self) { try Support.schema(schema) }
        #expect(error?.code.name == code, "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.place == place, "\(error?.place ?? "")")
    }

    @Test func compactHasNoSpace() throws {
        let grammar = try Support.schema(#"{"type":"object","properties":{"a":{"type":"array"}}}"#, .compact)
        #expect(grammar.matches(#"{"a":[1,2]}"#.utf8))
        #expect(!grammar.matches(#"{"a": [1,2]}"#.utf8))
    }
}
