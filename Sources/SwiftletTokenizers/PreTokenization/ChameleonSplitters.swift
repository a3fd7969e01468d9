/// Chameleon's own marks, each a piece: `<sentinel:[0-9]+>`, then `(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z`.
struct ChameleonMarkSplitter: Splitter {
    enum Mark { case sentinel, image }
    let mark: Mark

    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        var pieceStart = start
        while position < text.end {
            if let end = mark == .sentinel ? sentinel(text, position) : image(text, position) {
                if pieceStart < position { ends.append(position) }
                ends.append(end)
                pieceStart = end
                position = end
            } else {
                position = text.next(position)
            }
        }
        if pieceStart < text.end { ends.append(text.end) }
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
struct ChameleonSpaceSplitter: Splitter {
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        var pieceStart = start
        while position < text.end {
            let length = length(text, position)
            if length > 0 {
                if pieceStart < position { ends.append(position) }
                position += length
                ends.append(position)
                pieceStart = position
            } else {
                position = text.next(position)
            }
        }
        if pieceStart < text.end { ends.append(text.end) }
    }

    private func length(_ text: ScannedText, _ start: Int) -> Int {
        let byte = text.bytes[start]
        if byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n") { return 1 }
        var spaces = 0
        while spaces < 4, text.byte(start + spaces) == UInt8(ascii: " ") { spaces += 1 }
        return spaces == 4 ? 4 : spaces >= 2 ? 2 : 0
    }
}
