/// What SentencePiece does to a text before Unigram: compiled rules, spaces merged or marked, one put before or after.
struct UnigramNormalizer: Sendable {
    var rules: PrecompiledNormalizer?
    var addsSpace = false
    var mergesSpaces = false
    /// User-defined tokens, whose beginnings the rules leave alone.
    var untouched: ByteTrie?

    /// The normalized text, each space as "▁". Linear.
    func normalize(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 2 + 4)
        var state = State()
        var index = 0
        while index < text.count {
            if let length = untouchedLength(text, index) {
                for byte in text[index..<index + length] { append(byte, &state, &output) }
                index += length
            } else if let rules, let match = rules.match(text, index) {
                for byte in rules[match.replacement] { append(byte, &state, &output) }
                index += match.length
            } else {
                let length = min(ScannedText.length(text[index]), text.count - index)
                for byte in text[index..<index + length] { append(byte, &state, &output) }
                index += length
            }
        }
        return output
    }

    private struct State {
        var hasSpaceBefore = false
        var isInWord = false
    }

    @inline(__always)
    private func append(_ byte: UInt8, _ state: inout State, _ output: inout [UInt8]) {
        if byte == UInt8(ascii: " ") {
            state.isInWord = false
            if !mergesSpaces { output += SpaceMark.bytes }
            return
        }
        if !state.isInWord {
            state.isInWord = true
            if mergesSpaces || (addsSpace && !state.hasSpaceBefore) {
                output += SpaceMark.bytes
                state.hasSpaceBefore = true
            }
        }
        output.append(byte)
    }

    /// How far the text follows any user-defined token, whole or not.
    private func untouchedLength(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
        guard let untouched else { return nil }
        var node = ByteTrie.root
        var index = start
        while index < text.count {
            let step = untouched.step(node, text[index])
            if step.child < 0 { break }
            node = step.child
            index += 1
        }
        return index > start ? index - start : nil
    }
}
