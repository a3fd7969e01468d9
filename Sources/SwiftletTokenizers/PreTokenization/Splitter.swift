/// One step of pre-tokenization: it cuts a stretch of text into pieces and leaves nothing out.
///
/// Steps follow each other as the Split pre-tokenizers of `tokenizer.json` do: each cuts the pieces of the one before,
/// and sees only its piece, so that a look-ahead at its end finds the end of text.
protocol Splitter: Sendable {
    /// Appends the ends of the pieces of `text` from `start` to its end. Linear in the length.
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int])
}

/// A step whose pieces follow each other, each ending where it says.
protocol PieceSplitter: Splitter {
    /// The end of the piece that begins at `start`, which is inside the text; at least one scalar on.
    func end(_ text: ScannedText, _ start: Int) -> Int
}

extension PieceSplitter {
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        while position < text.end {
            position = end(text, position)
            ends.append(position)
        }
    }
}

/// A step that cuts out what it matches; what lies between two matches is a piece too.
protocol MatchSplitter: Splitter {
    /// The end of the match that begins at `start`, which is inside the text; nil if none does.
    func match(_ text: ScannedText, _ start: Int) -> Int?
}

extension MatchSplitter {
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        var pieceStart = start
        while position < text.end {
            if let end = match(text, position) {
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
}

extension ScannedText {
    /// `\s+(?!\S)|\s+`, with `\s*[\r\n]+|` before it if `newlines`: the end of the match at white space `index`.
    @inline(__always)
    func whitespace(from index: Int, newlines: Bool) -> Int {
        var position = index
        var lastStart = index
        var newlineEnd = 0
        while flags(position).meets(.whitespace) {
            lastStart = position
            position = next(position)
            if newlines, isNewline(lastStart) { newlineEnd = position }
        }
        if newlineEnd > 0 { return newlineEnd }
        return position == end || lastStart == index ? position : lastStart
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`: the end of the match at `index`, or nil. The apostrophe is already seen.
    @inline(__always)
    func contraction(at index: Int, anyCase: Bool) -> Int? {
        let fold: UInt8 = anyCase ? 0x20 : 0
        switch letter(index + 1, fold) {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return index + 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"): return letter(index + 2, fold) == UInt8(ascii: "e") ? index + 3 : nil
        case UInt8(ascii: "l"): return letter(index + 2, fold) == UInt8(ascii: "l") ? index + 3 : nil
        default: return nil
        }
    }

    /// The byte at `index`, its ASCII capital made small if `fold` is 0x20.
    @inline(__always)
    private func letter(_ index: Int, _ fold: UInt8) -> UInt8 {
        let byte = byte(index)
        return byte >= 0x41 && byte <= 0x5A ? byte | fold : byte
    }
}
