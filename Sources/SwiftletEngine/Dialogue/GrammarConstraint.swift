import SwiftletGrammars
import SwiftletGround
import SwiftletModels
import SwiftletTemplates
import SwiftletTokenizers
import Synchronization

/// A grammar's hold on one answer.
struct GrammarConstraint: TokenConstraint {
    private var matcher: GrammarMatcher

    init(_ grammar: CompiledGrammar) { matcher = GrammarMatcher(grammar) }

    mutating func accept(_ token: TokenID) { _ = matcher.accept(token) }

    mutating func allowed(into mask: inout TokenMask) { matcher.allowed(into: &mask.words) }

    mutating func forcedTokens(limit: Int) -> [TokenID] { matcher.forcedTokens(limit: limit) }

    var mustEnd: Bool { matcher.mustEnd }
}

/// Grammars made ready for one model's vocabulary; the latest are kept, with what their masks have cost already.
final class ConstraintCache: Sendable {
    private struct State {
        var vocabulary: GrammarVocabulary?
        var grammars: [Key: CompiledGrammar] = [:]
        /// The latest last.
        var order: [Key] = []

        mutating func known(_ key: Key) -> CompiledGrammar? {
            guard let grammar = grammars[key] else { return nil }
            order.removeAll { $0 == key }
            order.append(key)
            return grammar
        }

        mutating func add(_ grammar: CompiledGrammar, _ key: Key) {
            if grammars.updateValue(grammar, forKey: key) == nil { order.append(key) }
            var memory = grammars.values.reduce(0) { $0 + $1.memory }
            while order.count > capacity || (memory > memoryLimit && order.count > 1) {
                memory -= grammars.removeValue(forKey: order.removeFirst())?.memory ?? 0
            }
        }
    }

    private struct Key: Hashable {
        let format: AnswerFormat
        let calls: CallPlan
        let reasoningEnd: String?

        /// About how many bytes of text it has.
        var weight: Int { format.weight + calls.tools.reduce(0) { $0 + $1.json.weight } }
    }

    private static let heaviestKey = 1 << 20

    private static let capacity = 64
    /// Bytes of all that are kept; requests that run have theirs anyway.
    private static let memoryLimit = 256 << 20

    private let tokenizer: any Tokenizer
    /// Control tokens that an answer may hold as text: they begin and end calls and reasoning.
    private let visible: Set<TokenID>
    private let state = Mutex(State())

    init(_ tokenizer: any Tokenizer, visible: Set<TokenID>) { (self.tokenizer, self.visible) = (tokenizer, visible) }

    /// What binds an answer of this format and these calls; nil if it is free.
    ///
    /// `reasoningEnd`: what ends the reasoning that the answer begins in; the format binds what comes after it.
    /// Throws `GrammarError` for a schema, grammar or expression that is wrong or asks what cannot be done.
    func constraint(for format: AnswerFormat, calls: CallPlan, reasoningEnd: String?) throws -> GrammarConstraint? {
        guard format != .text || !calls.tools.isEmpty else { return nil }
        let key = Key(format: format, calls: calls, reasoningEnd: reasoningEnd)
        if let known = state.withLock({ $0.known(key) }) { return GrammarConstraint(known) }
        guard var grammar = try calls.grammar(format: format.grammar()) else { return nil }
        if let reasoningEnd {
            grammar = .sequence([.text(through: [reasoningEnd]), grammar])
        }
        // Outside the lock: a large schema takes its time, which others need not wait for.
        let compiled = CompiledGrammar(grammar, try vocabulary())
        // The key holds the request's schema and tools as they are: large ones are not worth keeping.
        if key.weight <= Self.heaviestKey { state.withLock { $0.add(compiled, key) } }
        return GrammarConstraint(compiled)
    }

    private func vocabulary() throws -> GrammarVocabulary {
        try state.withLock { state in
            if let vocabulary = state.vocabulary { return vocabulary }
            let all = tokenizer.vocabulary
            let bytes = try (0..<all.count).map { index -> [UInt8]? in
                let token = TokenID(index)
                guard visible.contains(token) || all.kinds[index].isDisjoint(with: [.control, .unknown, .unused]) else {
                    return nil
                }
                let bytes = try tokenizer.bytes(of: token, special: true)
                return bytes.isEmpty ? nil : Array(bytes)
            }
            let vocabulary = GrammarVocabulary(tokenBytes: bytes, endTokens: all.endOfGeneration)
            state.vocabulary = vocabulary
            return vocabulary
        }
    }
}

extension AnswerFormat {
    fileprivate var weight: Int {
        switch self {
        case .text, .json: 0
        case .schema(let schema): schema.weight
        case .grammar(let text), .expression(let text): text.utf8.count
        case .choice(let texts): texts.reduce(0) { $0 + 16 + $1.utf8.count }
        }
    }

    /// Nil for free text.
    func grammar() throws(GrammarError) -> Grammar? {
        switch self {
        case .text: nil
        case .json: .anyJSONObject
        case .schema(let schema): try Grammar(jsonSchema: schema)
        case .grammar(let text): try Grammar(gbnf: text)
        case .expression(let text): try Grammar(regularExpression: text)
        case .choice(let texts): .choice(texts.map(Grammar.literal))
        }
    }
}

extension JSONValue {
    fileprivate var weight: Int {
        switch self {
        case .null, .bool, .integer, .number: 8
        case .string(let text): 16 + text.utf8.count
        case .array(let values): values.reduce(16) { $0 + $1.weight }
        case .object(let object): object.reduce(16) { $0 + 32 + $1.key.utf8.count + $1.value.weight }
        }
    }
}
