/// Chameleon's own marks, each a piece: `<sentinel:[0-9]+>`, then `(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z`.
struct ChameleonMarkSplitter: MatchSplitter {
    enum Mark { case sentinel, image }
    let mark: Mark

    func match(_ text: ScannedText, _ start: Int) -> Int? {
        mark == .sentinel ? sentinel(text, start) : image(text, start)
    }

    private func sentinel(_ text: ScannedText, _ start: Int) -> Int? {
        guard var position = literal("<sentinel:", text, start) else { return nil }
        let digits = position
        while text.byte(position) >= 0x30, text.byte(position) <= 0x39 { position += 1 }
        return position > digits && text.byte(position) == UInt8(ascii: ">") ? position + 1 : nil
    }

    private func image(_ text: ScannedText, _ start: Int) -> Int? {
        guard var position = literal("IMGIMG", text, start) else { return nil }
        let letters = position
        while position - letters < 4, text.byte(position) >= UInt8(ascii: "A"), text.byte(position) <= UInt8(ascii: "I")
        {
            position += 1
        }
        return position > letters && text.byte(position) == UInt8(ascii: "Z") ? position + 1 : nil
    }

    private func literal(_ expected: StaticString, _ text: ScannedText, _ start: Int) -> Int? {
        for index in 0..<expected.utf8CodeUnitCount where text.byte(start + index) != expected.utf8Start[index] {
            return nil
        }
        return start + expected.utf8CodeUnitCount
    }
}

/// Chameleon: `([\t\n]|    |  )`, each a piece.
struct ChameleonSpaceSplitter: MatchSplitter {
    func match(_ text: ScannedText, _ start: Int) -> Int? {
        let byte = text.bytes[start]
        if byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n") { return start + 1 }
        var spaces = 0
        while spaces < 4, text.byte(start + spaces) == UInt8(ascii: " ") { spaces += 1 }
        return spaces == 4 ? start + 4 : spaces >= 2 ? start + 2 : nil
    }
}
