import SwiftletEngine
import Testing

struct StopStringsTests {
    /// The whole text at once: the first place where a stop string is complete, the longest one there.
    private func plain(_ text: String, _ stops: [String]) -> (String, String?) {
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            let here = stops.filter { !$0.isEmpty && bytes[..<end].suffix($0.utf8.count).elementsEqual($0.utf8) }
            if let stop = here.max(by: { $0.utf8.count < $1.utf8.count }) {
                return (String(decoding: bytes[..<(end - stop.utf8.count)], as: UTF8.self), stop)
            }
        }
        return (text, nil)
    }

    private func stream(_ pieces: [String], _ stops: [String]) -> (String, String?) {
        var matcher = StopStrings(stops)
        var text = ""
        for piece in pieces {
            let (emit, stopped) = matcher.append(piece)
            text += emit
            if stopped != nil { return (text, stopped) }
        }
        return (text + matcher.finish(), nil)
    }

    /// All texts of up to 8 letters over {a, b} in all pieces, against all pairs of stop strings of up to 3.
    @Test func exhaustiveOverSmallTexts() {
        func words(_ lengths: ClosedRange<Int>) -> [String] {
            lengths.flatMap { length in
                (0..<1 << length).map { bits in
                    String((0..<length).map { bits >> $0 & 1 == 0 ? "a" : "b" as Character })
                }
            }
        }
        let stops = words(1...3)
        var compared = 0
        for text in words(8...8) {
            for first in stops {
                for second in stops where second >= first {
                    let expected = plain(text, [first, second])
                    // The pieces' borders are the bits of the cut.
                    for cut in stride(from: 0, to: 128, by: 7) {
                        var pieces = [""]
                        for (index, letter) in text.enumerated() {
                            pieces[pieces.count - 1].append(letter)
                            if index < 7, cut >> index & 1 == 1 { pieces.append("") }
                        }
                        let found = stream(pieces, [first, second])
                        if found != expected { Issue.record("\(pieces) \(first) \(second): \(found), not \(expected)") }
                        compared += 1
                    }
                }
            }
        }
        #expect(compared > 500_000)
    }

    @Test func holdsBackOnlyWhatMayBeAStop() {
        var matcher = StopStrings(["</s>", "END"])
        #expect(matcher.append("Hello <") == ("Hello ", nil))
        #expect(matcher.append("/") == ("", nil))
        #expect(matcher.append("b> E") == ("</b> ", nil))
        #expect(matcher.append("N") == ("", nil))
        #expect(matcher.append("ED") == ("ENED", nil))
        #expect(matcher.append("END more") == ("", "END"))
        #expect(matcher.append("more") == ("", "END"))
        #expect(matcher.finish() == "")
    }

    @Test func whatIsHeldComesOutAtTheEnd() {
        var matcher = StopStrings(["stop"])
        #expect(matcher.append("do not sto") == ("do not ", nil))
        #expect(matcher.finish() == "sto")
        #expect(matcher.finish() == "")
    }

    @Test func comparesBytesNotCharacters() {
        // Two spellings of é are equal as Strings; only the one that was given stops.
        #expect(stream(["cafe\u{301}!"], ["é"]) == ("cafe\u{301}!", nil))
        #expect(stream(["caf", "é", "!"], ["é"]) == ("caf", "é"))
        // A stop string that begins inside a grapheme cluster, and multi-byte text around.
        #expect(stream(["👩", "\u{200D}💻"], ["\u{200D}"]) == ("👩", "\u{200D}"))
        #expect(stream(["日本", "語です"], ["本語"]) == ("日", "本語"))
        #expect(stream(["\r", "\n"], ["\n"]) == ("\r", "\n"))
    }

    @Test func emptyStopsAreNoStops() {
        #expect(stream(["a", "", "b"], [""]) == ("ab", nil))
        #expect(stream(["ab"], []) == ("ab", nil))
    }
}
