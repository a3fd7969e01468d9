/// AFMoE and Tiny Aya: a run of numbers is cut into threes from its right end, so that 1234567 is 1, 234, 567.
struct ThousandsSplitter: Splitter {
    enum Reading {
        /// As the reference engine does it: any numbers, and what stands before them stays with the first group.
        case joined
        /// `\d{1,3}(?=(?:\d{3})*\b)`: decimal digits whose run ends where a word does; other numbers are of words there.
        case regex
    }

    let reading: Reading

    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        let wanted: ScalarFlags = reading == .joined ? .number : .decimal
        var position = start
        var pieceStart = start
        while position < text.end {
            position = text.run(without: wanted, from: position)
            var count = 0
            var scan = position
            while text.flags(scan).meets(wanted) {
                scan = text.next(scan)
                count += 1
            }
            if count == 0 { break }
            if reading == .regex {
                guard !text.isWord(scan), !text.flags(scan).meets(.number) else {
                    position = scan
                    continue
                }
                if pieceStart < position { ends.append(position) }
            }
            while count > 0 {
                for _ in 0..<(count % 3 == 0 ? 3 : count % 3) {
                    position = text.next(position)
                    count -= 1
                }
                ends.append(position)
            }
            pieceStart = position
        }
        if pieceStart < text.end { ends.append(text.end) }
    }
}

extension ScannedText {
    private static let connectors: Set<UInt32> = [
        0x5F, 0x203F, 0x2040, 0x2054, 0xFE33, 0xFE34, 0xFE4D, 0xFE4E, 0xFE4F, 0xFF3F,
    ]

    /// `\w`: letters, marks, decimal digits and connectors.
    func isWord(_ index: Int) -> Bool {
        guard index < end else { return false }
        return flags(index).meets([.letter, .mark, .decimal]) || Self.connectors.contains(scalar(index))
    }
}

/// `\p{N}`, each number a piece and what lies between them one (StarCoder, SmolLM, Command R).
struct EachNumberSplitter: Splitter {
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        while position < text.end {
            let numberStart = text.run(without: .number, from: position)
            if numberStart > position { ends.append(numberStart) }
            position = numberStart
            while text.flags(position).meets(.number) {
                position = text.next(position)
                ends.append(position)
            }
        }
    }
}

/// SuperBPE: `(?=(\d{3})+(?!\d))`, a cut before every three ASCII digits counted from the right end of their run.
struct SuperBPESplitter: Splitter {
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        while position < text.end {
            var digitsEnd = position
            while text.byte(digitsEnd) >= 0x30, text.byte(digitsEnd) <= 0x39 { digitsEnd += 1 }
            if digitsEnd == position {
                position = text.next(position)
                continue
            }
            var cut = position + (digitsEnd - position) % 3
            while cut < digitsEnd {
                if cut > start { ends.append(cut) }
                cut += 3
            }
            position = digitsEnd
        }
        if text.end > start { ends.append(text.end) }
    }
}
