/// The simple steps: runs, or single scalars, of one class are pieces, and so is what lies between them.
struct ClassSplitter: MatchSplitter {
    enum Prefix {
        case none
        /// ` ?`
        case space
        /// `\s?`
        case whitespace
    }

    var prefix = Prefix.none
    /// The longest piece in scalars: 1 cuts out single scalars.
    var atMost = Int.max
    /// The shortest: fewer in a row are not matched.
    var atLeast = 1
    /// Whether a scalar belongs to the class.
    let contains: @Sendable (_ scalar: UInt32, _ flags: ScalarFlags) -> Bool

    func match(_ text: ScannedText, _ start: Int) -> Int? {
        switch prefix {
        case .none: return run(text, start)
        case .space:
            if text.bytes[start] == UInt8(ascii: " "), let end = run(text, start + 1) { return end }
            return run(text, start)
        case .whitespace:
            if text.flags(start).meets(.whitespace), let end = run(text, text.next(start)) { return end }
            return run(text, start)
        }
    }

    private func run(_ text: ScannedText, _ start: Int) -> Int? {
        var position = start
        var count = 0
        while count < atMost, position < text.end, contains(text.scalar(position), text.flags(position)) {
            position = text.next(position)
            count += 1
        }
        return count >= atLeast ? position : nil
    }
}

extension ClassSplitter {
    /// `\p{N}+`
    static let numberRuns = Self { _, flags in flags.meets(.number) }
    /// `\p{N}{1,3}`
    static let numbersByThree = Self(atMost: 3) { _, flags in flags.meets(.number) }
    /// `[0-9][0-9][0-9]`
    static let asciiTriples = Self(atMost: 3, atLeast: 3) { scalar, _ in scalar >= 0x30 && scalar <= 0x39 }
    /// `[\r\n]`, each alone
    static let eachNewline = Self(atMost: 1) { scalar, _ in scalar == 0x0A || scalar == 0x0D }

    /// A run of scalars in any of these ranges, which are in ascending order. Cost: a binary search a scalar.
    static func ranges(_ ranges: [ClosedRange<UInt32>], prefix: Prefix = .none) -> Self {
        Self(prefix: prefix) { scalar, flags in
            // The reference engine knows white space only as such, wherever it lies.
            !flags.meets(.whitespace) && Self.contains(ranges, scalar)
        }
    }

    static func contains(_ ranges: [ClosedRange<UInt32>], _ scalar: UInt32) -> Bool {
        let index = ranges.firstIndexNotBefore { $0.upperBound < scalar }
        return index < ranges.count && ranges[index].contains(scalar)
    }
}
