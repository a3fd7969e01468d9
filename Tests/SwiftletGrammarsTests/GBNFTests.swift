import SwiftletGrammars
import SwiftletGround
import Testing

struct GBNFTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let grammar: String
        let yes: [String]
        let no: [String]
        var testDescription: String { grammar }
    }

    static let cases = [
        Case(grammar: "root ::= \"a\" | \"b\" \"c\"", yes: ["a", "bc"], no: ["", "b", "ac", "abc"]),
        Case(grammar: "root ::= [a-c]+ [^a-c]?", yes: ["a", "abcé", "c\n"], no: ["", "d", "aéé"]),
        Case(grammar: "root ::= \"\\x41\\u00e9\\U0001F600\\n\\t\\\\\\\"\\[\\]\"", yes: ["Aé😀\n\t\\\"[]"], no: ["A"]),
        Case(grammar: "root ::= . .", yes: ["ab", "é\n", "😀漢"], no: ["a", "abc", "😀"]),
        Case(
            grammar: "root ::= x{2,3} y{2} z{1,} w{0,1}\nx ::= \"x\"\ny ::= \"y\"\nz ::= \"z\"\nw ::= \"w\"",
            yes: ["xxyyz", "xxxyyzzzw"], no: ["xyyz", "xxxxyyz", "xxyz", "xxyy", "xxyyzww"]),
        Case(grammar: "root ::= (\n  \"a\" # one\n  | \"b\" )* \n# end\n", yes: ["", "abba"], no: ["c"]),
        Case(grammar: "root ::= \"a\" |\n  \"b\" |\n  c\nc::=\"c\"", yes: ["a", "b", "c"], no: ["d"]),
        Case(grammar: "root ::= \"(\" root \")\" | \"\"", yes: ["", "()", "((()))"], no: ["(", "(()"]),
        Case(
            grammar: "root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"\"", yes: ["ab", "aabc", "aaacbc"],
            no: ["aab", "ba"]),
        Case(
            grammar: "root ::= (a? b?){3,5}\na ::= \"a\"\nb ::= \"b\"", yes: ["", "ab", "ababababab", "bbbbb"],
            no: ["c", "bbbbbb"]),
        Case(
            grammar: "root ::= (\"a\" | \"aa\"){2,4} \"!\"", yes: ["aa!", "aaaaaaaa!", "aaa!"],
            no: ["a!", "aaaaaaaaa!"]),
        Case(grammar: "root ::= [-a] [\\]x-]", yes: ["-]", "a-", "ax"], no: ["b]", "aa"]),
        Case(grammar: "root ::= [あ-ん]+ [一-鿿]", yes: ["ひら漢"], no: ["漢", "ひら", "カ漢"]),
        Case(
            grammar: "root ::= \"x\"{300,400}",
            yes: [String(repeating: "x", count: 300), String(repeating: "x", count: 400)],
            no: [String(repeating: "x", count: 299), String(repeating: "x", count: 401)]),
        Case(grammar: "root ::= ([a-z]{2,100} \",\"){3,50}", yes: ["ab,cd,ef,"], no: ["ab,cd,", "ab,c,de,fg,"]),
        Case(
            grammar: "root ::= expr\nexpr ::= term ([-+] term)*\nterm ::= [0-9]+ | \"(\" expr \")\"",
            yes: ["1+2-3", "((1)+(2-3))"], no: ["1+", "(1", "()"]),
    ]

    @Test(arguments: cases)
    func matches(_ item: Case) throws {
        let grammar = try Grammar(gbnf: item.grammar)
        for text in item.yes { #expect(grammar.matches(text.utf8), "\(text.debugDescription)") }
        for text in item.no { #expect(!grammar.matches(text.utf8), "\(text.debugDescription)") }
    }

    @Test(arguments: [
        ("root ::= \"a", "grammar-syntax"), ("root = \"a\"", "grammar-syntax"),
        ("root ::= x", "grammar-undefined-rule"),
        ("start ::= \"a\"", "grammar-undefined-rule"), ("root ::= root \"a\" | \"a\"", "grammar-left-recursion"),
        ("root ::= a\na ::= b? a \"x\" | \"y\"\nb ::= \"b\"", "grammar-left-recursion"),
        ("root ::= \"a\" root", "grammar-matches-nothing"), ("root ::= *", "grammar-syntax"),
        ("root ::= [b-a]", "grammar-syntax"),
        ("root ::= \"\\q\"", "grammar-syntax"), ("root ::= \"\\uD800\"", "grammar-syntax"),
        ("root ::= (\"a\"", "grammar-syntax"),
        ("root ::= \"a\"{5,2}", "grammar-syntax"), ("root ::= \"a\"{99999999999999999999}", "grammar-limit"),
        ("root ::= " + String(repeating: "(", count: 100_000), "grammar-limit"), ("root ::= <[x]>", "grammar-syntax"),
        ("", "grammar-undefined-rule"),
    ])
    func refuses(_ text: String, _ code: String) {
        let error = #expect(throws: GrammarError.self) { try Grammar(gbnf: text) }
        #expect(error?.code.name == code, "\(error.map(String.init(describing:)) ?? "")")
    }
}
