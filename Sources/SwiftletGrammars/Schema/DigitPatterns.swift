/// Patterns of decimal numbers within bounds, digit by digit.
enum DigitPatterns {
    private static func digit(_ low: Int, _ high: Int) -> Pattern {
        .set(ScalarSet([UInt32(0x30 + low)...UInt32(0x30 + high)]))
    }

    private static func any(_ minimum: Int, _ maximum: Int) -> Pattern {
        .repeated(digit(0, 9), minimum: minimum, maximum: maximum)
    }

    static func digits(_ value: UInt64, count: Int? = nil) -> [Int] {
        let own = String(value).utf8.map { Int($0) - 0x30 }
        return [Int](repeating: 0, count: max(0, (count ?? own.count) - own.count)) + own
    }

    /// Whole numbers from `low` to `high` without a sign and leading zeros.
    static func whole(_ low: UInt64, _ high: UInt64) -> Pattern {
        if low > high { return .choice([]) }
        let (least, most) = (digits(low), digits(high))
        if least.count == most.count { return sameLength(least[...], most[...]) }
        var parts = [sameLength(least[...], [Int](repeating: 9, count: least.count)[...])]
        if most.count - least.count > 1 {
            parts.append(.sequence([digit(1, 9), any(least.count, most.count - 2)]))
        }
        parts.append(sameLength(([1] + [Int](repeating: 0, count: most.count - 1))[...], most[...]))
        return .choice(parts)
    }

    private static func sameLength(_ low: ArraySlice<Int>, _ high: ArraySlice<Int>) -> Pattern {
        guard let first = low.first, let last = high.first else { return .empty }
        let (lowRest, highRest) = (low.dropFirst(), high.dropFirst())
        let zeros = [Int](repeating: 0, count: lowRest.count)[...]
        let nines = [Int](repeating: 9, count: lowRest.count)[...]
        if first == last { return .sequence([digit(first, first), sameLength(lowRest, highRest)]) }
        var (from, to) = (first, last)
        var parts: [Pattern] = []
        if !lowRest.allSatisfy({ $0 == 0 }) {
            parts.append(.sequence([digit(first, first), sameLength(lowRest, nines)]))
            from += 1
        }
        if !highRest.allSatisfy({ $0 == 9 }) {
            parts.append(.sequence([digit(last, last), sameLength(zeros, highRest)]))
            to -= 1
        }
        if from <= to { parts.append(.sequence([digit(from, to), any(lowRest.count, lowRest.count)])) }
        return .choice(parts)
    }

    /// Whole numbers with a sign where they are negative.
    static func signed(_ low: Int64, _ high: Int64) -> Pattern {
        var parts: [Pattern] = []
        if high >= 0 { parts.append(whole(UInt64(max(0, low)), UInt64(high))) }
        if low < 0 {
            parts.append(.sequence([.text("-"), whole(high < 0 ? high.magnitude : 1, low.magnitude)]))
        }
        return .choice(parts)
    }

    /// Decimals with up to `places` digits after the point, from `low` to `high` in units of the last of those.
    static func signedDecimals(_ low: Int64, _ high: Int64, places: Int) -> Pattern {
        var parts: [Pattern] = []
        if high >= 0 { parts.append(decimals(UInt64(max(0, low)), UInt64(high), places)) }
        if low < 0 {
            parts.append(.sequence([.text("-"), decimals(high < 0 ? high.magnitude : 1, low.magnitude, places)]))
        }
        return .choice(parts)
    }

    private static func decimals(_ low: UInt64, _ high: UInt64, _ places: Int) -> Pattern {
        if low > high { return .choice([]) }
        if places == 0 { return whole(low, high) }
        let unit = UInt64(Decimal.power(places))
        let (first, lowRest) = low.quotientAndRemainder(dividingBy: unit)
        let (last, highRest) = high.quotientAndRemainder(dividingBy: unit)
        let least = digits(lowRest, count: places)[...]
        let most = digits(highRest, count: places)[...]
        let zeros = [Int](repeating: 0, count: places)[...]
        let nines = [Int](repeating: 9, count: places)[...]
        func number(_ from: UInt64, _ to: UInt64, _ low: ArraySlice<Int>, _ high: ArraySlice<Int>) -> Pattern {
            let point = Pattern.sequence([.text("."), fraction(low, high, isFirst: true)])
            // Without a point all digits after it are zero.
            let rest = low.allSatisfy { $0 == 0 } ? .choice([.empty, point]) : point
            return .sequence([whole(from, to), rest])
        }
        if first == last { return number(first, last, least, most) }
        var parts = [number(first, first, least, nines), number(last, last, zeros, most)]
        if last - first > 1 { parts.append(number(first + 1, last - 1, zeros, nines)) }
        return .choice(parts)
    }

    /// Digits after a point between two bounds of the same length; those left out at the end are zeros.
    private static func fraction(_ low: ArraySlice<Int>, _ high: ArraySlice<Int>, isFirst: Bool = false) -> Pattern {
        let lowIsZero = low.allSatisfy { $0 == 0 }
        if lowIsZero, high.allSatisfy({ $0 == 9 }) { return any(isFirst ? 1 : 0, low.count) }
        guard let first = low.first, let last = high.first else { return .empty }
        let (lowRest, highRest) = (low.dropFirst(), high.dropFirst())
        let zeros = [Int](repeating: 0, count: lowRest.count)[...]
        let nines = [Int](repeating: 9, count: lowRest.count)[...]
        var parts: [Pattern] = lowIsZero && !isFirst ? [.empty] : []
        if first == last {
            parts.append(.sequence([digit(first, first), fraction(lowRest, highRest)]))
        } else {
            parts.append(.sequence([digit(first, first), fraction(lowRest, nines)]))
            parts.append(.sequence([digit(last, last), fraction(zeros, highRest)]))
            if last - first > 1 {
                parts.append(.sequence([digit(first + 1, last - 1), any(0, lowRest.count)]))
            }
        }
        return .choice(parts)
    }
}
