extension AnswerParser {
    mutating func startAnswer(_ isLast: Bool) -> Bool {
        guard let reasoning = style.reasoning else {
            mode = .content
            return true
        }
        let place = textStart()
        let opening = Array(reasoning.opening.utf8)
        switch held.match(opening, at: place) {
        case .partial where !isLast: return false
        case .full:
            if parsesReasoning { drop(place + opening.count) } else { giveContent(place + opening.count) }
            mode = .reasoningStart
        default: mode = .content
        }
        return true
    }

    mutating func startReasoning(_ isLast: Bool) -> Bool {
        guard parsesReasoning, let reasoning = style.reasoning else {
            mode = .reasoning
            return true
        }
        drop(held.skipSpace(from: 0))
        let opening = Array(reasoning.opening.utf8)
        switch held.match(opening, at: 0) {
        case .partial where !isLast: return false
        case .full: drop(opening.count)
        default: mode = .reasoning
        }
        return true
    }

    mutating func readReasoning(_ isLast: Bool) -> Bool {
        guard let reasoning = style.reasoning else { return false }
        let closing = Array(reasoning.closing.utf8)
        switch search(for: [closing], isLast) {
        case .found(let place, _):
            if parsesReasoning {
                let space = place - textEnd
                giveReasoning(textEnd)
                drop(space + closing.count)
                mode = .contentStart
            } else {
                giveContent(place + closing.count)
                mode = .content
            }
            return true
        case .clear(let upTo):
            giveReasoning(upTo)
            return false
        }
    }

    mutating func startContent(_ isLast: Bool) -> Bool {
        drop(held.skipSpace(from: 0))
        if held.isEmpty { return false }
        if style.wrapsResponse {
            let tag = Array("<response>".utf8)
            switch held.match(tag, at: 0) {
            case .partial where !isLast: return false
            case .full:
                drop(tag.count)
                drop(held.skipSpace(from: 0))
                isInResponse = true
            default: break
            }
        }
        mode = .content
        return true
    }
}
