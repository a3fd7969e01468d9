import SwiftletGround
import SwiftletTokenizers

/// The breakers that a model's answers asked for last: nearly all ask for the same, and making them looks at the whole
/// vocabulary.
struct DryBreakerCache {
    private var entries: [(texts: [ByteString], breakers: DryBreakers)] = []
    /// Small, since texts come from requests.
    private static let capacity = 4

    mutating func breakers(_ texts: [String], _ tokenizer: any Tokenizer) -> DryBreakers {
        let key = texts.map(ByteString.init)
        if let entry = entries.first(where: { $0.texts == key }) { return entry.breakers }
        let breakers = DryBreakers(
            texts, vocabularySize: tokenizer.vocabulary.count,
            bytes: { token in Array((try? tokenizer.bytes(of: token, special: true)) ?? []) },
            tokenize: { tokenizer.encode(String(decoding: $0, as: UTF8.self)) })
        entries.append((key, breakers))
        if entries.count > Self.capacity { entries.removeFirst() }
        return breakers
    }
}
