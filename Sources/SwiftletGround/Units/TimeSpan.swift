/// A length of time as people write it, at most a hundred years: `90` and `90s`, `5m`, `1h30m`, `30d`, `2w`, `1y`.
package struct TimeSpan: Hashable, Sendable {
    package let duration: Duration

    package init(_ duration: Duration) { self.duration = duration }

    package static func hours(_ count: Int) -> Self { Self(.seconds(count * 3600)) }

    /// Nil for what is no time, is below zero, or is too long.
    package init?(parsing text: String) {
        guard let seconds = Double(text) ?? Self.seconds(text, units: Self.goUnits.merging(Self.days) { $1 }),
            (0...Self.mostSeconds).contains(seconds)
        else { return nil }
        duration = .seconds(seconds)
    }

    /// The seconds of a duration in the form of Go's `time.ParseDuration`, which may be below zero; nil if it is none.
    package static func seconds(goDuration text: String) -> Double? { seconds(text, units: goUnits) }

    private static func seconds(_ text: String, units: [String: Double]) -> Double? {
        var rest = text[...]
        var sign = 1.0
        if let first = rest.first, first == "-" || first == "+" {
            if first == "-" { sign = -1 }
            rest.removeFirst()
        }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits) else { return nil }
            rest = rest[digits.endIndex...]
            let letters = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard let unit = units[String(letters)] else { return nil }
            rest = rest[letters.endIndex...]
            total += number * unit
        }
        return sign * total
    }

    private static let goUnits: [String: Double] = [
        "h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "\u{B5}s": 1e-6, "\u{3BC}s": 1e-6, "ns": 1e-9,
    ]
    private static let days: [String: Double] = ["d": 86400, "w": 7 * 86400, "y": 365 * 86400]
    private static let mostSeconds = 36500.0 * 86400
}

extension TimeSpan: CustomStringConvertible {
    /// The largest units that need no fraction: `90s`, `5m`, `1h30m`, `30d`.
    package var description: String {
        guard duration.components.attoseconds == 0 else { return "\(duration / .seconds(1))s" }
        let seconds = Int(duration.components.seconds)
        if seconds == 0 { return "0s" }
        if seconds % 86400 == 0 { return "\(seconds / 86400)d" }
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }
}
