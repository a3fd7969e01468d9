import Foundation
import SwiftletTokenizers

/// "Don't repeat yourself": a token that would prolong a repetition is penalized, exponentially in the length repeated
/// (https://github.com/oobabooga/text-generation-webui/pull/5677).
struct Dry: Sendable {
    let multiplier: Float
    let base: Float
    let allowedLength: Int
    let window: Int
    let breakers: DryBreakers
    /// How long the end of the text is repeated up to the token k steps back.
    private var repeats: [Int32] = []
    /// The longest repetition that each token would prolong.
    private var longest: [TokenID: Int32] = [:]

    init(_ parameters: SamplingParameters, breakers: DryBreakers) {
        multiplier = parameters.dryMultiplier
        base = parameters.dryBase
        allowedLength = parameters.dryAllowedLength
        window = parameters.dryIsActive ? parameters.dryPenaltyLastN : 0
        self.breakers = breakers
    }

    mutating func apply(to candidates: inout Candidates, after history: TokenHistory) {
        let length = min(history.count, window)
        guard length > allowedLength else { return }
        let limit = distanceToBreaker(history, length)
        guard limit >= allowedLength else { return }
        measureRepeats(history, length, limit)
        longest.removeAll(keepingCapacity: true)
        for age in 1..<length where Int(repeats[age]) >= allowedLength {
            // The token after the repeated part, one step nearer to the end.
            let token = history[age - 1]
            if longest[token, default: -1] < repeats[age] { longest[token] = repeats[age] }
        }
        guard !longest.isEmpty else { return }
        if candidates.isSparse {
            for position in 0..<candidates.count {
                let token = candidates.token(position)
                if let length = longest[token] { penalize(position, token, length, candidates) }
            }
        } else {
            for (token, length) in longest where token >= 0 && Int(token) < candidates.count {
                penalize(Int(token), token, length, candidates)
            }
        }
        candidates.isSorted = false
    }

    private func penalize(_ position: Int, _ token: TokenID, _ length: Int32, _ candidates: Candidates) {
        if let tails = breakers.tails[token], tails.contains(where: \.isEmpty) { return }
        // The exponent stops where the power would leave Float.
        let logOfGreatest = 88.722_839_1
        var exponent = Int(length) - allowedLength
        if base > 1.000_001 { exponent = min(exponent, Int(logOfGreatest / log(Double(base)))) }
        let penalty = multiplier * Float(pow(Double(base), Double(exponent)))
        candidates.adjust(position) { $0 - penalty }
    }

    /// How many tokens follow the newest breaker; all when there is none.
    private func distanceToBreaker(_ history: TokenHistory, _ length: Int) -> Int {
        guard !breakers.tails.isEmpty else { return length }
        for age in 0..<length {
            guard let tails = breakers.tails[history[age]] else { continue }
            var longestTail: Int?
            for tail in tails where tail.count <= age && tail.count > longestTail ?? -1 {
                if tail.indices.allSatisfy({ tail[$0] == history[age - $0 - 1] }) { longestTail = tail.count }
            }
            if let longestTail { return age - longestTail }
        }
        return length
    }

    /// Fills `repeats[k]`, for 1..<length, with how many tokens before and at age k equal the newest ones, at most `limit`.
    ///
    /// The Z-algorithm on the reversed text (Gusfield 1997, 1.4), linear in the length.
    private mutating func measureRepeats(_ history: TokenHistory, _ length: Int, _ limit: Int) {
        if repeats.count < length { repeats += repeatElement(0, count: length - repeats.count) }
        // The match that reaches furthest: ages start..<end equal ages 0..<end - start.
        var (start, end) = (0, 0)
        for age in 1..<length {
            var matched = 0
            if age < end {
                matched = min(Int(repeats[age - start]), end - age)
                // Inside the known match and ending before it does: nothing to compare.
                if matched < end - age {
                    repeats[age] = Int32(matched)
                    continue
                }
            }
            while age + matched < length, history[matched] == history[age + matched] { matched += 1 }
            repeats[age] = Int32(matched)
            if age + matched > end { (start, end) = (age, age + matched) }
        }
        for age in 1..<length { repeats[age] = min(repeats[age], Int32(limit)) }
    }
}
