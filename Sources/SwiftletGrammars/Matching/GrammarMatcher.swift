/// Where one output is in its grammar. Copies are independent and cost nothing to make.
public struct GrammarMatcher: Sendable {
    public let grammar: CompiledGrammar
    /// The maker whose number `configuration` is.
    private var maker: MaskMaker
    private var configuration: Int32
    /// Whether the text may end here, so that the end token is allowed.
    public private(set) var mayEnd: Bool
    /// Whether nothing but the end may come.
    public private(set) var mustEnd: Bool

    public init(_ grammar: CompiledGrammar) {
        self.grammar = grammar
        let (maker, start) = grammar.withMaker { ($0, $0.space.start()) }
        self.maker = maker
        configuration = start
        mayEnd = false
        mustEnd = false
        (mayEnd, mustEnd) = grammar.withMaker { _ in Self.ends(start, maker) }
    }

    private static func ends(_ configuration: Int32, _ maker: MaskMaker) -> (may: Bool, must: Bool) {
        let flags = maker.space.flags(configuration)
        return (flags.contains(.mayEnd), flags.contains(.mayEnd) && !flags.contains(.mayGoOn))
    }

    /// Brings the configuration over to the grammar's present maker. Within the lock.
    private mutating func settle(_ current: MaskMaker) {
        if maker === current { return }
        configuration = current.space.adopt(configuration, from: maker.space)
        maker = current
    }

    private mutating func move(to next: Int32) -> Bool {
        if next == ConfigurationSpace.dead { return false }
        configuration = next
        (mayEnd, mustEnd) = Self.ends(next, maker)
        return true
    }

    /// Goes on over `token`; false, and nothing changes, if it is not allowed here.
    public mutating func accept(_ token: Int32) -> Bool {
        withMaker { matcher, maker in
            guard maker.vocabulary.contains(token) else { return false }
            if maker.vocabulary.endTokens.contains(token) {
                return matcher.mayEnd && matcher.move(to: ConfigurationSpace.finished)
            }
            let space = maker.space
            let bytes = maker.vocabulary.bytes(of: token)
            var next = bytes.isEmpty ? ConfigurationSpace.dead : matcher.configuration
            for byte in bytes where next != ConfigurationSpace.dead { next = space.step(next, byte) }
            if space.flags(matcher.configuration).contains(.token) {
                for frame in Array(space.frames(of: matcher.configuration)) {
                    let state = space.program.states[Int(frame.state)]
                    guard state.kind == .token, matcher.allows(token, state) else { continue }
                    next = space.union(next, space.close([(state.last, frame.below)]))
                }
            }
            return matcher.move(to: next)
        }
    }

    /// Goes on over bytes that need not be whole tokens; false, and nothing changes, if they cannot come here.
    public mutating func accept(bytes: some Sequence<UInt8>) -> Bool {
        let bytes = Array(bytes)
        return withMaker { matcher, maker in
            var next = matcher.configuration
            for byte in bytes where next != ConfigurationSpace.dead { next = maker.space.step(next, byte) }
            return matcher.move(to: next)
        }
    }

    private func allows(_ token: Int32, _ state: Program.State) -> Bool {
        let terminal = grammar.terminals[Int(state.first)]
        if !terminal.isNegated { return terminal.token == token }
        return terminal.token != nil && terminal.token != token && grammar.vocabulary.isUsable[Int(token)]
    }

    /// Sets the bits of tokens that may come: bit t % 64 of word t / 64. End tokens are among them exactly when the text may
    /// end. `words` gets as many words as the vocabulary needs and loses what it held.
    public mutating func allowed(into words: inout [UInt64]) {
        let count = (grammar.vocabulary.count + 63) / 64
        if words.count == count {
            words.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        } else {
            words = [UInt64](repeating: 0, count: count)
        }
        words.withUnsafeMutableBufferPointer { words in
            // The closure below is called at once; the pointer goes nowhere else.
            nonisolated(unsafe) let words = words
            withMaker { matcher, maker in
                maker.addTokens(of: matcher.configuration, to: words)
                matcher.addTerminals(maker, to: words)
            }
        }
        if mayEnd {
            for token in grammar.vocabulary.endTokens { words[Int(token) >> 6] |= 1 << UInt64(token & 63) }
        }
    }

    private func addTerminals(_ maker: MaskMaker, to words: UnsafeMutableBufferPointer<UInt64>) {
        guard maker.space.flags(configuration).contains(.token) else { return }
        for frame in maker.space.frames(of: configuration) {
            let state = maker.space.program.states[Int(frame.state)]
            guard state.kind == .token else { continue }
            for token in 0..<Int32(grammar.vocabulary.count) where allows(token, state) {
                words[Int(token) >> 6] |= 1 << UInt64(token & 63)
            }
        }
    }

    mutating func withMaker<Result: Sendable>(_ body: (inout GrammarMatcher, MaskMaker) -> Result) -> Result {
        grammar.withMaker { maker in
            settle(maker)
            return body(&self, maker)
        }
    }

    var place: Int32 { configuration }
}
