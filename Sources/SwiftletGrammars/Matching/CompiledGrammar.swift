import Synchronization

/// A grammar made ready for one vocabulary. Requests share it, and with it what has been found out about the grammar.
///
/// Memory: at most about 100 MB for hostile grammars, 1 to 10 MB for schemas of tools. Calls from several threads wait for
/// each other.
public final class CompiledGrammar: Sendable {
    let program: Program
    public let vocabulary: GrammarVocabulary
    /// Tokens that the grammar names but the vocabulary does not have: where they are asked for, nothing matches.
    public let unknownTokens: [String]
    /// The token of each of the program's terminals; nil if there is none.
    let terminals: [(token: Int32?, isNegated: Bool)]
    private let maker: Mutex<MaskMaker>
    private let made = Atomic<Int>(0)

    /// About how many bytes it takes by now.
    public var memory: Int { program.memory + made.load(ordering: .relaxed) }

    public init(_ grammar: Grammar, _ vocabulary: GrammarVocabulary) {
        var program = ProgramBuilder.build(grammar)
        self.vocabulary = vocabulary
        var unknown: [String] = []
        terminals = program.tokens.map { terminal in
            let token: Int32?
            switch terminal.name {
            case .id(let id):
                token = vocabulary.contains(id) ? id : nil
                if token == nil { unknown.append("<[\(id)]>") }
            case .text(let name):
                token = vocabulary.token(named: name)
                if token == nil { unknown.append(String(decoding: name, as: UTF8.self)) }
            }
            return (token, terminal.isNegated)
        }
        unknownTokens = unknown
        // A token that does not exist never comes.
        for place in program.states.indices where program.states[place].kind == .token {
            if terminals[Int(program.states[place].first)].token == nil {
                program.states[place] = Program.State(kind: .read)
            }
        }
        self.program = program
        maker = Mutex(MaskMaker(program, vocabulary))
    }

    /// Calls `body` with the present maker, which a new one has replaced if it had grown too large.
    func withMaker<Result: Sendable>(_ body: (MaskMaker) -> Result) -> Result {
        maker.withLock { maker in
            if maker.isFull { maker = MaskMaker(program, vocabulary) }
            defer { made.store(maker.memory, ordering: .relaxed) }
            return body(maker)
        }
    }
}
