extension GrammarMatcher {
    /// Tokens that must follow, since only one continuation of bytes is possible; at most `limit`, none if there is a choice.
    ///
    /// The bytes are cut into the longest tokens from left to right. A token at their end that a longer token could swallow
    /// is left off, so that the model chooses it together with what comes after. The matcher itself does not move.
    public mutating func forcedTokens(limit: Int) -> [Int32] {
        let bytes = forcedBytes(limit: min(max(0, limit), 1 << 20) * 16)
        var tokens: [Int32] = []
        var rest = bytes[...]
        while tokens.count < limit, let (token, count, goesBeyond) = grammar.vocabulary.tree.longest(rest), !goesBeyond
        {
            tokens.append(token)
            rest = rest.dropFirst(count)
        }
        return tokens
    }

    /// The bytes that must follow, up to `limit`.
    public mutating func forcedBytes(limit: Int) -> [UInt8] {
        withMaker { matcher, maker in
            var bytes: [UInt8] = []
            var place = matcher.place
            while bytes.count < limit, let byte = maker.space.onlyByte(place) {
                place = maker.space.step(place, byte)
                if place == ConfigurationSpace.dead { break }
                bytes.append(byte)
            }
            return bytes
        }
    }
}

extension ConfigurationSpace {
    /// The byte that must come; nil if there are several, or if the text may end or a whole token may come instead.
    func onlyByte(_ configuration: Int32) -> UInt8? {
        guard flags(configuration) == .mayGoOn else { return nil }
        var only: UInt8?
        for frame in frames(of: configuration) {
            let state = program.states[Int(frame.state)]
            for place in Int(state.first)..<Int(state.last) {
                let edge = program.edges[place]
                if edge.low != edge.high || (only != nil && only != edge.low) { return nil }
                only = edge.low
            }
        }
        return only
    }
}
