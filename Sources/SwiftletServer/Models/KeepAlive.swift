import SwiftletGround

/// How long a model stays loaded after its last request.
enum KeepAlive: Sendable, Hashable {
    case forever
    /// 0 unloads it at once.
    case duration(Duration)

    /// Ollama's forms: seconds as a number, or a duration as Go writes it ("5m", "1h30m"); below zero is for ever.
    init(_ value: JSONValue, at place: String) throws(ServerError) {
        if let seconds = value.number {
            self.init(seconds: seconds)
        } else if let text = value.string, let seconds = Double(text) ?? Self.seconds(goDuration: text) {
            self.init(seconds: seconds)
        } else {
            throw ServerError(.invalid, "is no duration; give seconds or a text like \"5m\"", at: place)
        }
    }

    private init(seconds: Double) {
        // A hundred years is for ever, and no overflow.
        self = seconds < 0 || seconds > 3.2e9 || seconds.isNaN ? .forever : .duration(.seconds(seconds))
    }

    /// The seconds of a duration in the form of Go's `time.ParseDuration`; nil if it is none.
    static func seconds(goDuration text: String) -> Double? {
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

    private static let units: [String: Double] = [
        "h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "\u{B5}s": 1e-6, "\u{3BC}s": 1e-6, "ns": 1e-9,
    ]
}
