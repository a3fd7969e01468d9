import SwiftletGround
import SwiftletTemplates
import Testing

/// Well-formed answers, mutated: whatever comes, pieces say what the whole says, arguments are JSON, and no text is lost.
@Suite struct AnswerFuzzTests {
    @Test(arguments: 0..<8) func mutatedAnswersLoseNothing(_ seed: Int) throws {
        var random = Random(state: UInt64(seed) + 1)
        let examples = AnswerCase.wellFormed.map { ($0.style, $0.text) } + AnswerCase.malformed
        for _ in 0..<400 {
            let example = examples[random.below(examples.count)]
            let scalars = mutate(
                Array((random.below(3) == 0 ? " \n" : "").unicodeScalars) + Array(example.1.unicodeScalars), &random)
            let text = String(String.UnicodeScalarView(scalars))
            let style = AnswerStyle(templateSource: example.0)
            let starts = random.below(2) == 0
            let parser = AnswerParser(style, toolNames: AnswerCase.tools, startsInReasoning: starts)
            let whole = parse([text], with: parser)
            #expect(parse(pieces(scalars, &random), with: parser) == whole, "\(text)")
            // (Granite's tags around the response are left out even in the middle of a text.)
            if !style.markers.contains("<response>") { check(whole, text) }
            // Without reasoning and with other tools all is content.
            let other = AnswerParser(
                style, toolNames: ["other"], startsInReasoning: starts, parsesReasoning: false)
            let contents = parse(pieces(scalars, &random), with: other)
            if !style.markers.contains("<response>") {
                #expect(contents.map(bytes) == (text.isEmpty ? [] : [Array(text.utf8)]), "\(text)")
            }
        }
    }

    /// Time stays linear: a megabyte of unfinished markers and calls.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "<tool_call>", "<tool_call>{\"", "<tool_call>{", "<function=add><parameter=x>", " ", "[{\"a\":", "<",
        ]) func longAnswersTakeLinearTime(_ unit: String)
    {
        var parser = AnswerParser(
            AnswerStyle(templateSource: AnswerCase.qwen), toolNames: AnswerCase.tools, startsInReasoning: false)
        var count = 0
        for _ in 0..<(100_000 / unit.utf8.count) { count += parser.append(unit).map { bytes($0).count }.reduce(0, +) }
        count += parser.finish().map { bytes($0).count }.reduce(0, +)
        #expect(count == 100_000 / unit.utf8.count * unit.utf8.count)
    }

    private func check(_ parts: [AnswerPart], _ text: String) {
        var rest = Array(text.utf8)[...]
        var calls = 0
        for part in parts {
            switch part {
            case .content(let piece), .reasoning(let piece):
                // In order, each text stands in the answer.
                let found = Array(piece.utf8)
                while !rest.isEmpty, !rest.starts(with: found) { rest = rest.dropFirst() }
                #expect(rest.starts(with: found), "\(text)")
                rest = rest.dropFirst(found.count)
            case .toolCallStart(let index, let name):
                #expect(index == calls && AnswerCase.tools.contains(name))
            case .toolCallArguments(let index, let arguments):
                #expect(index == calls)
                #expect((try? JSONValue(parsing: arguments))?.object != nil, "\(text)")
            case .toolCallEnd(let index):
                #expect(index == calls)
                calls += 1
            }
        }
    }

    private func bytes(_ part: AnswerPart) -> [UInt8] {
        switch part {
        case .content(let text), .reasoning(let text): Array(text.utf8)
        default: []
        }
    }

    private func mutate(_ scalars: [Unicode.Scalar], _ random: inout Random) -> [Unicode.Scalar] {
        var scalars = scalars
        let alphabet = Array("{}[]()\"'\\<>|/,:= \nax1é｜".unicodeScalars)
        for _ in 0..<random.below(4) {
            let place = random.below(scalars.count + 1)
            switch random.below(4) {
            case 0: scalars.insert(alphabet[random.below(alphabet.count)], at: place)
            case 1: scalars.removeSubrange(place..<min(scalars.count, place + random.below(6)))
            case 2:
                let other = AnswerCase.wellFormed[random.below(AnswerCase.wellFormed.count)].text.unicodeScalars
                scalars.insert(contentsOf: other.prefix(random.below(other.count)), at: place)
            default:
                scalars.insert(contentsOf: scalars[place..<min(scalars.count, place + random.below(40))], at: place)
            }
        }
        return scalars
    }

    private func pieces(_ scalars: [Unicode.Scalar], _ random: inout Random) -> [String] {
        var pieces: [String] = []
        var rest = scalars[...]
        while !rest.isEmpty {
            let count = 1 + random.below(9)
            pieces.append(String(String.UnicodeScalarView(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014), so that a failing case comes again.
struct Random {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return bound <= 0 ? 0 : Int((value ^ (value >> 31)) % UInt64(bound))
    }
}
