import SwiftletGround

extension SchemaCompiler {
    /// Digits of whole numbers that no bound holds back.
    private static let freeDigits = 16

    mutating func integer(_ schema: PlainSchema) throws(GrammarError) -> Expression {
        if schema.lower.isEmpty, schema.upper.isEmpty, schema.divisors.isEmpty { return json.integer() }
        var divisor: Int64 = 1
        for value in schema.divisors {
            let (next, overflow) = Self.leastMultiple(divisor, try wholeDivisor(value, schema))
            guard !overflow else { throw Self.unsupported(schema.pointer + "/multipleOf", "this multipleOf") }
            divisor = next
        }
        guard let (low, high) = try bounds(schema, places: 0) else { return .nothing }
        let pattern = DigitPatterns.signed(low, high)
        if divisor == 1 { return pattern.expression(.plain) }
        guard divisor <= 1000 else { throw Self.unsupported(schema.pointer + "/multipleOf", "a multipleOf above 1000") }
        return try Self.within(schema.pointer) { () throws(GrammarError) in
            try ScalarAutomaton(pattern).intersection(.multiples(of: Int(divisor))).expression(.plain)
        }
    }

    mutating func number(_ schema: PlainSchema) throws(GrammarError) -> Expression {
        if schema.lower.isEmpty, schema.upper.isEmpty, schema.divisors.isEmpty { return json.number() }
        // A multiple of 0.01 has two places; of 5, none.
        if schema.divisors.contains(where: { $0.integer != nil }) { return try integer(schema) }
        var places: Int?
        for value in schema.divisors {
            guard let decimal = Decimal(value), decimal.units == 1 else {
                throw Self.unsupported(schema.pointer + "/multipleOf", "a multipleOf that is no power of ten")
            }
            places = min(places ?? .max, decimal.places)
        }
        // As many digits as a double tells apart beside the bounds.
        var needed = 0
        var whole = 1
        for bound in schema.lower + schema.upper {
            let decimal = try decimal(bound, schema)
            needed = max(needed, decimal.places)
            whole = max(whole, String(decimal.units.magnitude / UInt64(Decimal.power(decimal.places))).utf8.count)
        }
        let room = 15 - whole
        guard needed <= room || places != nil else {
            throw Self.unsupported(schema.pointer, "a bound with more than 15 digits")
        }
        let digits = places ?? max(0, min(room, max(needed, 6)))
        guard let (low, high) = try bounds(schema, places: digits) else { return .nothing }
        return DigitPatterns.signedDecimals(low, high, places: digits).expression(.plain)
    }

    /// The least and the largest number in units of 10 to the power of `-places`; nil if there is none between the bounds.
    private func bounds(_ schema: PlainSchema, places: Int) throws(GrammarError) -> (low: Int64, high: Int64)? {
        var low: Int64?
        var high: Int64?
        for bound in schema.lower {
            guard let (value, isExact) = try decimal(bound, schema).scaled(to: places, roundingUp: true) else {
                throw Self.unsupported(schema.pointer, "so large a bound")
            }
            low = max(low ?? .min, bound.isExclusive && isExact ? value + 1 : value)
        }
        for bound in schema.upper {
            guard let (value, isExact) = try decimal(bound, schema).scaled(to: places, roundingUp: false) else {
                throw Self.unsupported(schema.pointer, "so large a bound")
            }
            high = min(high ?? .max, bound.isExclusive && isExact ? value - 1 : value)
        }
        let usual = Decimal.power(max(0, min(Self.freeDigits, 17 - places)) + places) - 1
        let most = high ?? max(usual, low.map { $0 > usual / 10 ? Decimal.power(18) - 1 : usual } ?? usual)
        let least = low ?? min(-usual, high.map { $0 < -usual / 10 ? 1 - Decimal.power(18) : -usual } ?? -usual)
        return least <= most ? (least, most) : nil
    }

    private func decimal(_ bound: PlainSchema.Bound, _ schema: PlainSchema) throws(GrammarError) -> Decimal {
        guard let decimal = Decimal(bound.value) else {
            throw Self.unsupported(schema.pointer, "a bound of more than 18 digits")
        }
        return decimal
    }

    private func wholeDivisor(_ value: JSONValue, _ schema: PlainSchema) throws(GrammarError) -> Int64 {
        if let whole = value.integer, whole > 0 { return Int64(whole) }
        // Every whole number is a multiple of 0.01.
        if let decimal = Decimal(value), decimal.units == 1 { return 1 }
        throw Self.unsupported(schema.pointer + "/multipleOf", "a multipleOf that is no power of ten")
    }

    private static func leastMultiple(_ one: Int64, _ other: Int64) -> (Int64, Bool) {
        var (a, b) = (one, other)
        while b != 0 { (a, b) = (b, a % b) }
        return (one / a).multipliedReportingOverflow(by: other)
    }
}
