import SwiftletTokenizers

/// The answer so far: turns tokens into text that can be shown, and knows when it ends.
struct Answer {
    private(set) var tokens: [TokenID] = []
    private(set) var reason: FinishReason?
    private(set) var stopText: String?
    private let parameters: GenerationParameters
    private let endTokens: Set<TokenID>
    private var detokenizer: StreamingDetokenizer
    private var stops: StopStrings

    /// `room`: tokens that the context holds beyond the prompt, which an answer seldom outgrows.
    init(_ tokenizer: any Tokenizer, _ parameters: GenerationParameters, room: Int) {
        self.parameters = parameters
        tokens.reserveCapacity(max(0, min(parameters.maxTokens ?? room, room)))
        endTokens = parameters.ignoresEnd ? [] : tokenizer.vocabulary.endOfGeneration
        detokenizer = tokenizer.makeDetokenizer(visible: parameters.visibleTokens)
        stops = StopStrings(parameters.stop)
        if parameters.maxTokens == 0 { reason = .length }
    }

    /// The answer may not go on.
    mutating func end() { reason = reason ?? .stop }

    mutating func accept(_ choice: Choice) throws(TokenizerError) -> GenerationEvent {
        let token = choice.token
        if endTokens.contains(token) {
            reason = .stop
            return .token(GeneratedToken(id: token, text: "", choice: choice.likelihood))
        }
        tokens.append(token)
        let (text, stop) = stops.append(try detokenizer.append(token))
        if let stop {
            (reason, stopText) = (.stop, stop)
        } else if let most = parameters.maxTokens, tokens.count >= most {
            reason = .length
        }
        return .token(GeneratedToken(id: token, text: text, choice: choice.likelihood))
    }

    /// What was held back and is now known to be text; nil if that is nothing.
    mutating func rest() -> String? {
        guard stopText == nil else { return nil }
        let (text, stop) = stops.append(detokenizer.finish())
        if let stop {
            (reason, stopText) = (.stop, stop)
            return text.isEmpty ? nil : text
        }
        let all = text + stops.finish()
        return all.isEmpty ? nil : all
    }
}
