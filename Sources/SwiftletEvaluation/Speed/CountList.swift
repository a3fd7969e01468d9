import SwiftletGround

/// Numbers as llama-bench's options name them: `512`, `128,256`, `1-4` (each), `16-64+16` (steps), `1-64*2` (factors).
package enum CountList {
    /// Most numbers that one list may make.
    static let limit = 10_000

    /// Throws for what is no such list, for ranges that never end, and for more than 10,000 numbers.
    package static func parse(_ text: String) throws(EvaluationError) -> [Int] {
        var numbers: [Int] = []
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            var reader = Reader(rest: part)
            guard let range = reader.range() else {
                throw EvaluationError(
                    .invalidParameter, "is no list of numbers", at: "\"\(text.prefix(40))\"",
                    advice: "Write 512, or 128,256, or ranges: 1-4, 16-64+16, 1-64*2")
            }
            var next = range.first
            while next <= range.last {
                guard numbers.count < limit else {
                    throw EvaluationError(
                        .invalidParameter, "makes more than \(limit) numbers", at: "\"\(text.prefix(40))\"")
                }
                numbers.append(next)
                let (following, overflow) =
                    range.isFactor
                    ? next.multipliedReportingOverflow(by: range.step) : next.addingReportingOverflow(range.step)
                guard !overflow else { break }
                guard following > next else {
                    throw EvaluationError(
                        .invalidParameter, "never ends", at: "\"\(text.prefix(40))\"",
                        advice: "Steps must be 1 or more, factors 2 or more, and not from 0")
                }
                next = following
            }
        }
        return numbers
    }

    /// `parse` for options that take a pair, as `-pg 512,128`.
    package static func pair(_ text: String) throws(EvaluationError) -> (Int, Int) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = count(parts[0]), let second = count(parts[1]) else {
            throw EvaluationError(
                .invalidParameter, "is no pair of numbers", at: "\"\(text.prefix(40))\"", advice: "Write 512,128")
        }
        return (first, second)
    }

    private static func count(_ text: Substring) -> Int? {
        var reader = Reader(rest: text.utf8)
        guard let number = reader.number(), reader.rest.isEmpty else { return nil }
        return number
    }

    private struct Range {
        var first: Int
        var last: Int
        var step = 1
        var isFactor = false
    }

    private struct Reader {
        var rest: Substring.UTF8View

        /// A number, or a range to the end of the text; nil for anything else.
        mutating func range() -> Range? {
            guard let first = number() else { return nil }
            var range = Range(first: first, last: first)
            if take(UInt8(ascii: "-")) {
                guard let last = number() else { return nil }
                range.last = last
                if take(UInt8(ascii: "*")) { range.isFactor = true }
                if range.isFactor || take(UInt8(ascii: "+")) {
                    guard let step = number() else { return nil }
                    range.step = step
                }
            }
            return rest.isEmpty ? range : nil
        }

        /// Digits; nil if there are none, or more than a token count ever needs.
        mutating func number() -> Int? {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...9).contains(digits.count), let number = Int(Substring(digits)) else { return nil }
            rest = rest.dropFirst(digits.count)
            return number
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }
    }
}
