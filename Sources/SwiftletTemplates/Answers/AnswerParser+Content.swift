extension AnswerParser {
    /// After so many openers without a call behind them no more are looked for, which bounds the time for any answer.
    static let mostFailures = 64

    enum SearchResult {
        case found(Int, index: Int)
        /// The bytes before this place are no part of a marker, nor white space before one.
        case clear(upTo: Int)
    }

    /// Looks for the first of some texts in what is held.
    mutating func search(for texts: [[UInt8]], _ isLast: Bool) -> SearchResult {
        var place = min(searched, held.count)
        while place < held.count {
            for (index, text) in texts.enumerated() where text.first == held[place] {
                switch held.match(text, at: place) {
                case .full:
                    searched = place
                    return .found(place, index: index)
                case .partial where !isLast:
                    searched = place
                    return .clear(upTo: textEnd)
                default: break
                }
            }
            place += 1
            if !held[place - 1].isSpace { textEnd = place }
        }
        searched = place
        return .clear(upTo: isLast ? place : textEnd)
    }

    mutating func readContent(_ isLast: Bool) -> Bool {
        if isFresh, syntax != nil {
            let place = textStart()
            if place == held.count {
                if isLast, callCount > 0 { drop(place) } else if !isLast { return false }
            } else if case .bare? = syntax, held[place] == UInt8(ascii: "{") {
                return begin(opener: nil, body: place)
            }
        }
        let closer = isInResponse ? [Array("</response>".utf8)] : []
        switch search(for: (failures < Self.mostFailures ? openers : []) + closer, isLast) {
        case .found(let place, let index):
            if isInResponse, index == openers.count || failures >= Self.mostFailures {
                let space = place - textEnd
                giveContent(textEnd)
                drop(space + closer[0].count)
                isInResponse = false
                return true
            }
            return begin(opener: index, body: place + openers[index].count)
        case .clear(let upTo):
            if upTo > 0 { isFresh = false }
            // Without markers nothing needs to be held.
            giveContent(openers.isEmpty && closer.isEmpty ? held.count : upTo)
            return false
        }
    }

    /// Gives out the text before a marker, and reads a call behind it.
    private mutating func begin(opener: Int?, body: Int) -> Bool {
        guard let syntax else { return false }
        if textEnd > 0 { isFresh = false }
        let from = body - textEnd
        giveContent(textEnd)
        mode = .call(CallReader(syntax, opener: opener, tools: tools, from: from), from: from)
        return true
    }

    mutating func readCall(_ reader: CallReader, from: Int, _ isLast: Bool) -> Bool {
        var reader = reader
        mode = .content  // so that the reader is not shared
        switch reader.read(held, isLast: isLast) {
        case .more:
            mode = .call(reader, from: from)
            return false
        case .malformed:
            failures += 1
            isFresh = false
            giveContent(from)
            (searched, textEnd) = (0, 0)
        case .calls(let calls, let end):
            give(calls)
            drop(end)
            (searched, textEnd) = (0, 0)
            isFresh = true
            mode = .afterCall(closer: 0)
        }
        return true
    }

    mutating func readClosers(from index: Int, _ isLast: Bool) -> Bool {
        let closers = syntax?.closers ?? []
        let place = textStart()
        for index in index..<max(index, closers.count) {
            let closer = Array(closers[index].utf8)
            switch held.match(closer, at: place) {
            case .full:
                drop(place + closer.count)
                mode = .afterCall(closer: index + 1)
                return true
            case .partial where !isLast: return false
            default: continue
            }
        }
        if isLast, place == held.count { drop(place) }
        mode = .content
        return true
    }
}
