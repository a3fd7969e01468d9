import ArgumentParser

/// How long a key is good, on the command line: `90m`, `12h`, `30d`, `2w`, `1y`.
struct Lifetime: ExpressibleByArgument {
    let seconds: Double

    private static let units: [Character: Double] = [
        "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800, "y": 31_536_000,
    ]

    /// Nil for what is no whole number with a unit, for nothing, and for more than a hundred years.
    init?(argument: String) {
        guard let unit = argument.last.flatMap({ Self.units[$0] }), let count = Int(argument.dropLast()), count > 0,
            Double(count) * unit <= 100 * 31_536_000
        else { return nil }
        seconds = Double(count) * unit
    }
}
