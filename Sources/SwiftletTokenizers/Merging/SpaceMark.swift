/// "▁", U+2581, which stands for a space in the tokens of SentencePiece.
enum SpaceMark {
    static let bytes: [UInt8] = [0xE2, 0x96, 0x81]

    /// The text with every space replaced; `prefixed` puts one more before it.
    static func escape(_ text: UnsafeBufferPointer<UInt8>, prefixed: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 2 + 4)
        if prefixed { output += bytes }
        for byte in text {
            if byte == UInt8(ascii: " ") { output += bytes } else { output.append(byte) }
        }
        return output
    }

    /// Appends the token's bytes with every mark replaced by a space.
    static func unescape(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == bytes[0], text[index...].starts(with: bytes) {
                output.append(UInt8(ascii: " "))
                index += 3
            } else {
                output.append(text[index])
                index += 1
            }
        }
    }

    static func isMark(_ text: [UInt8], _ index: Int) -> Bool {
        index >= 0 && index + 2 < text.count && text[index] == 0xE2 && text[index + 1] == 0x96
            && text[index + 2] == 0x81
    }
}

/// Cuts text with space marks into words, only where no token reaches across: so that words can be tokenized alone, with the
/// same result as the text as a whole.
///
/// A token reaches across a mark if it contains the mark after something that is no mark. Which bytes stand there is known
/// from the vocabulary; a cut is made only after other bytes.
struct SpaceSplitter: Splitter {
    private let reachedFrom: [Bool]

    init(_ tokens: ByteStrings) {
        var reachedFrom = [Bool](repeating: false, count: 256)
        let bytes = tokens.bytes
        for token in 0..<tokens.count {
            let range = tokens.range(token)
            guard range.count > 3 else { continue }
            for index in range.lowerBound + 1..<range.upperBound - 2
            where bytes[index] == 0xE2 && SpaceMark.isMark(bytes, index)
                && !(index - 3 >= range.lowerBound && SpaceMark.isMark(bytes, index - 3))
            {
                reachedFrom[Int(bytes[index - 1])] = true
            }
        }
        self.reachedFrom = reachedFrom
    }

    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        let bytes = text.bytes
        var afterMark = true
        var position = start
        reachedFrom.withUnsafeBufferPointer { reachedFrom in
            while position < text.end {
                if bytes[position] == 0xE2, position + 2 < text.end, bytes[position + 1] == 0x96,
                    bytes[position + 2] == 0x81
                {
                    if !afterMark, !reachedFrom[Int(bytes[position - 1])] { ends.append(position) }
                    afterMark = true
                    position += 3
                } else {
                    afterMark = false
                    position += 1
                }
            }
        }
        if text.end > start { ends.append(text.end) }
    }
}
