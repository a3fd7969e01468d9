/// Steps that change a text before it is cut into words.
struct TextNormalizer: Sendable {
    enum Step: Sendable {
        case composed
        case decomposed
        case lowercase
        case stripAccents
        case strip(left: Bool, right: Bool)
        case prepend([UInt8])
        /// Unless the text begins with it already.
        case prependIfMissing([UInt8])
        case replace([UInt8], with: [UInt8])
        /// ` {2,}`
        case replaceSpaceRuns(with: [UInt8])
        case precompiled(PrecompiledNormalizer)
        /// Words between white space, each with "▁" before it, the white space dropped.
        case markWords

        var isPrefix: Bool {
            if case .prependIfMissing = self { true } else { false }
        }
    }

    var steps: [Step]

    func normalize(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        steps.reduce(Array(text)) { text, step in Self.apply(step, text) }
    }

    private static func apply(_ step: Step, _ text: [UInt8]) -> [UInt8] {
        if text.isEmpty { return text }
        switch step {
        case .composed: return Composition.normalized(text, composed: true)
        case .decomposed: return Composition.normalized(text, composed: false)
        case .lowercase: return text.withUnsafeBufferPointer(CaseMapping.lowercased)
        case .stripAccents: return filtered(text) { !$0.meets(.mark) }
        case .strip(let left, let right):
            var slice = text[...]
            while left, let first = slice.first, isSpace(first) { slice.removeFirst() }
            while right, let last = slice.last, isSpace(last) { slice.removeLast() }
            return Array(slice)
        case .prepend(let prefix): return prefix + text
        case .prependIfMissing(let prefix): return text.starts(with: prefix) ? text : prefix + text
        case .replace(let pattern, let replacement): return replaced(text, pattern, replacement)
        case .replaceSpaceRuns(let replacement): return spaceRunsReplaced(text, replacement)
        case .precompiled(let rules): return rules.normalizedByClusters(text)
        case .markWords:
            return text.withUnsafeBufferPointer { bytes in
                var output: [UInt8] = []
                guard let base = bytes.baseAddress else { return output }
                let scanned = ScannedText(base, end: bytes.count)
                var index = scanned.run(.whitespace, from: 0)
                while index < bytes.count {
                    let end = scanned.run(without: .whitespace, from: index)
                    output += SpaceMark.bytes
                    output += bytes[index..<end]
                    index = scanned.run(.whitespace, from: end)
                }
                return output
            }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    }

    private static func filtered(_ text: [UInt8], _ keeps: (ScalarFlags) -> Bool) -> [UInt8] {
        text.withUnsafeBufferPointer { bytes in
            var output: [UInt8] = []
            guard let base = bytes.baseAddress else { return output }
            let scanned = ScannedText(base, end: bytes.count)
            var index = 0
            while index < bytes.count {
                let next = scanned.next(index)
                if keeps(scanned.flags(index)) { output += bytes[index..<next] }
                index = next
            }
            return output
        }
    }

    private static func replaced(_ text: [UInt8], _ pattern: [UInt8], _ replacement: [UInt8]) -> [UInt8] {
        guard let first = pattern.first, text.contains(first) else { return text }
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == first, text[index...].starts(with: pattern) {
                output += replacement
                index += pattern.count
            } else {
                output.append(text[index])
                index += 1
            }
        }
        return output
    }

    private static func spaceRunsReplaced(_ text: [UInt8], _ replacement: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            var end = index
            while end < text.count, text[end] == UInt8(ascii: " ") { end += 1 }
            if end - index >= 2 {
                output += replacement
                index = end
            } else {
                output.append(text[index])
                index += 1
            }
        }
        return output
    }
}
