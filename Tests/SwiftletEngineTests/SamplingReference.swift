import Foundation
import SwiftletEngine

/// The samplers as their definitions read: whole sorts, Double, no memory kept. Slow, and the measure of the fast ones.
struct PlainCandidate {
    var token: Int32
    var logit: Double
}

func plainSoftmax(_ candidates: [PlainCandidate]) -> [Double] {
    let greatest = candidates.map(\.logit).max() ?? 0
    let weights = candidates.map { exp($0.logit - greatest) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
}

/// Descending logits; equal ones keep their order.
func plainSort(_ candidates: [PlainCandidate]) -> [PlainCandidate] {
    candidates.enumerated().sorted { ($1.element.logit, $0.offset) < ($0.element.logit, $1.offset) }.map(\.element)
}

func plainTopK(_ candidates: [PlainCandidate], _ k: Int) -> [PlainCandidate] {
    k <= 0 || k >= candidates.count ? candidates : Array(plainSort(candidates).prefix(k))
}

func plainTopP(_ candidates: [PlainCandidate], _ p: Double, _ minimumKeep: Int) -> [PlainCandidate] {
    guard p < 1 else { return candidates }
    let sorted = plainSort(candidates)
    var reached = 0.0
    for (index, probability) in plainSoftmax(sorted).enumerated() {
        reached += probability
        if reached >= p, index + 1 >= minimumKeep { return Array(sorted.prefix(index + 1)) }
    }
    return sorted
}

func plainMinP(_ candidates: [PlainCandidate], _ p: Double, _ minimumKeep: Int) -> [PlainCandidate] {
    guard p > 0 else { return candidates }
    let limit = candidates.map(\.logit).max()! + log(p)
    let kept = candidates.filter { $0.logit >= limit }
    return kept.count >= minimumKeep ? kept : plainTopK(candidates, minimumKeep)
}

func plainTypical(_ candidates: [PlainCandidate], _ p: Double, _ minimumKeep: Int) -> [PlainCandidate] {
    guard p < 1 else { return candidates }
    let probabilities = plainSoftmax(candidates)
    let entropy = probabilities.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
    let order = candidates.indices.sorted {
        (abs(-log(probabilities[$0]) - entropy), $0) < (abs(-log(probabilities[$1]) - entropy), $1)
    }
    var reached = 0.0
    for (index, position) in order.enumerated() {
        reached += probabilities[position]
        if reached > p, index + 1 >= minimumKeep { return order.prefix(index + 1).map { candidates[$0] } }
    }
    return order.map { candidates[$0] }
}

func plainTopNSigma(_ candidates: [PlainCandidate], _ n: Double) -> [PlainCandidate] {
    guard n > 0, candidates.count > 1 else { return candidates }
    let mean = candidates.reduce(0) { $0 + $1.logit } / Double(candidates.count)
    let variance = candidates.reduce(0) { $0 + ($1.logit - mean) * ($1.logit - mean) } / Double(candidates.count)
    let limit = candidates.map(\.logit).max()! - n * variance.squareRoot()
    return candidates.filter { $0.logit >= limit }
}

func plainXTC(_ candidates: [PlainCandidate], _ threshold: Double, _ minimumKeep: Int) -> [PlainCandidate] {
    let sorted = plainSort(candidates)
    let top = plainSoftmax(sorted).prefix { $0 >= threshold }.count
    guard top > 1, sorted.count - (top - 1) >= minimumKeep else { return candidates }
    return Array(sorted.dropFirst(top - 1))
}

func plainTemperature(_ candidates: [PlainCandidate], _ temperature: Double) -> [PlainCandidate] {
    temperature <= 0
        ? Array(plainSort(candidates).prefix(1))
        : candidates.map { PlainCandidate(token: $0.token, logit: $0.logit / temperature) }
}

func plainDynamicTemperature(
    _ candidates: [PlainCandidate], _ base: Double, _ range: Double, _ exponent: Double
) -> [PlainCandidate] {
    guard range > 0 else { return plainTemperature(candidates, base) }
    guard candidates.count > 1 else { return candidates }
    let entropy = plainSoftmax(candidates).reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
    let low = max(0, base - range)
    let share = pow(min(1, entropy / log(Double(candidates.count))), exponent)
    return plainTemperature(candidates, low + (base + range - low) * share)
}

func plainPenalties(_ candidates: [PlainCandidate], _ p: SamplingParameters, _ text: [Int32]) -> [PlainCandidate] {
    candidates.map { candidate in
        let seen = text.suffix(p.repeatLastN).count { $0 == candidate.token }
        guard seen > 0 else { return candidate }
        var logit = candidate.logit
        logit = logit <= 0 ? logit * Double(p.repeatPenalty) : logit / Double(p.repeatPenalty)
        logit -= Double(seen) * Double(p.frequencyPenalty) + Double(p.presencePenalty)
        return PlainCandidate(token: candidate.token, logit: logit)
    }
}

/// Every earlier end of the text's end, compared token by token; `breakers` are whole sequences.
func plainDry(
    _ candidates: [PlainCandidate], _ p: SamplingParameters, _ text: [Int32], breakers: [[Int32]] = []
) -> [PlainCandidate] {
    let text = Array(text.suffix(p.dryPenaltyLastN))
    guard p.dryMultiplier != 0, p.dryBase >= 1, text.count > p.dryAllowedLength else { return candidates }
    // The newest start of a breaker; of several that start there, the longest.
    var limit = text.count
    for start in text.indices.reversed() {
        let found = breakers.filter { text[start...].starts(with: $0) }.map(\.count).max()
        if let found {
            limit = text.count - start - found
            break
        }
    }
    guard limit >= p.dryAllowedLength else { return candidates }
    var longest: [Int32: Int] = [:]
    for end in text.indices.dropLast() {
        var length = 0
        while length <= end, text[end - length] == text[text.count - 1 - length] { length += 1 }
        length = min(length, limit)
        if length >= p.dryAllowedLength { longest[text[end + 1]] = max(longest[text[end + 1]] ?? 0, length) }
    }
    let single = Set(breakers.filter { $0.count == 1 }.map { $0[0] })
    return candidates.map { candidate in
        guard let length = longest[candidate.token], !single.contains(candidate.token) else { return candidate }
        let penalty = Double(p.dryMultiplier) * pow(Double(p.dryBase), Double(length - p.dryAllowedLength))
        return PlainCandidate(token: candidate.token, logit: candidate.logit - penalty)
    }
}

/// The chain, with XTC always taking its chance.
func plainChain(_ logits: [Float], _ p: SamplingParameters, text: [Int32], breakers: [[Int32]] = []) -> [PlainCandidate]
{
    var candidates = logits.enumerated().filter { $0.element > -.infinity }
        .map { PlainCandidate(token: Int32($0.offset), logit: Double($0.element)) }
    for stage in p.order {
        switch stage {
        case .penalties: candidates = plainPenalties(candidates, p, text)
        case .dry: candidates = plainDry(candidates, p, text, breakers: breakers)
        case .topNSigma: candidates = plainTopNSigma(candidates, Double(p.topNSigma))
        case .topK: candidates = plainTopK(candidates, p.topK)
        case .typicalP: candidates = plainTypical(candidates, Double(p.typicalP), p.minimumKeep)
        case .topP: candidates = plainTopP(candidates, Double(p.topP), p.minimumKeep)
        case .minP: candidates = plainMinP(candidates, Double(p.minP), p.minimumKeep)
        case .xtc:
            if p.xtcProbability > 0, p.xtcThreshold <= 0.5 {
                candidates = plainXTC(candidates, Double(p.xtcThreshold), p.minimumKeep)
            }
        case .temperature:
            candidates = plainDynamicTemperature(
                candidates, Double(p.temperature), Double(p.dynamicTemperatureRange),
                Double(p.dynamicTemperatureExponent))
        }
    }
    return candidates
}
