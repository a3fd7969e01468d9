import SwiftletGround

/// A number of a schema as a decimal of at most 18 digits: `units` times 10 to the power of `-places`.
struct Decimal: Hashable {
    let units: Int64
    let places: Int

    /// The shortest decimal that reads as this number, as a schema's author wrote it; nil if it has too many digits.
    init?(_ value: JSONValue) {
        switch value {
        case .integer(let value):
            guard value.magnitude < 1_000_000_000_000_000_000 else { return nil }
            units = value
            places = 0
        case .number(let value):
            guard let decimal = Self.parse(value.description) else { return nil }
            self = decimal
        default: return nil
        }
    }

    private init(units: Int64, places: Int) {
        self.units = units
        self.places = places
    }

    private static func parse(_ text: String) -> Decimal? {
        let parts = text.split(separator: "e", maxSplits: 1)
        guard let mantissa = parts.first else { return nil }
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 99 : 0
        let pieces = mantissa.split(separator: ".", maxSplits: 1)
        var fraction = pieces.count > 1 ? String(pieces[1]) : ""
        while fraction.utf8.last == UInt8(ascii: "0") { fraction.removeLast() }
        var digits = String(pieces[0]) + fraction
        var places = fraction.utf8.count - exponent
        while places < 0, digits.utf8.count < 20 {
            digits += "0"
            places += 1
        }
        guard places >= 0, places <= 17, digits.utf8.count <= 19, let units = Int64(digits),
            units.magnitude < 1_000_000_000_000_000_000
        else { return nil }
        return Decimal(units: units, places: places)
    }

    /// This number times 10 to the power of `places`, rounded down or up; nil if it is too large.
    func scaled(to places: Int, roundingUp: Bool) -> (value: Int64, isExact: Bool)? {
        if places >= self.places {
            let (value, overflow) = units.multipliedReportingOverflow(by: Self.power(places - self.places))
            return overflow || places - self.places > 18 ? nil : (value, true)
        }
        let (quotient, rest) = units.quotientAndRemainder(dividingBy: Self.power(self.places - places))
        if rest == 0 { return (quotient, true) }
        return (roundingUp ? quotient + (rest > 0 ? 1 : 0) : quotient - (rest < 0 ? 1 : 0), false)
    }

    static func power(_ exponent: Int) -> Int64 {
        (0..<min(18, max(0, exponent))).reduce(1) { power, _ in power * 10 }
    }
}
