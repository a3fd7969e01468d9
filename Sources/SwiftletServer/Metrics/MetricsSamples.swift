import SwiftletGround

/// Numbers of a text in Prometheus' format (0.0.4), as `MetricsText` writes them: read strictly, since what is read wrongly is
/// shown wrongly.
package struct MetricsSamples: Sendable {
    package struct Sample: Sendable, Hashable {
        package let labels: [String: String]
        package let value: Double
    }

    private var samples: [String: [Sample]] = [:]

    /// More than any server has that is asked once a second.
    private static let mostSamples = 100_000

    /// Throws at the first line that is neither comment nor sample, at a label or a sample that is told twice, and at too many.
    package init(_ text: String) throws(ServerError) {
        var count = 0
        var seen: Set<Key> = []
        // Lines end in a line feed alone; Swift takes a carriage return before it for one character with it.
        for (index, bytes) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            guard let first = bytes.first, first != UInt8(ascii: "#") else { continue }
            var line = SampleLine(bytes)
            guard let (name, labels, value) = line.sample() else {
                throw ServerError(.invalid, "is no sample of Prometheus' text format", at: "line \(index + 1)")
            }
            guard seen.insert(Key(name: name, labels: labels)).inserted else {
                throw ServerError(.invalid, "tells \(name) a second time", at: "line \(index + 1)")
            }
            count += 1
            guard count <= Self.mostSamples else {
                throw ServerError(
                    .invalid, "is one of too many: more than \(Self.mostSamples)", at: "line \(index + 1)")
            }
            samples[name, default: []].append(Sample(labels: labels, value: value))
        }
    }

    private struct Key: Hashable {
        let name: String
        let labels: [String: String]
    }

    /// In the order of the text.
    package subscript(_ name: String) -> [Sample] { samples[name] ?? [] }

    /// The sum of all samples of a name that have a label's value; nil without any.
    package func sum(_ name: String, where label: (name: String, value: String)? = nil) -> Double? {
        let found = self[name].filter { sample in label.map { sample.labels[$0.name] == $0.value } ?? true }
        return found.isEmpty ? nil : found.reduce(0) { $0 + $1.value }
    }

    /// All values of a label.
    package func values(ofLabel label: String) -> Set<String> {
        Set(samples.values.joined().compactMap { $0.labels[label] })
    }
}

/// One line: `name{label="value",...} number`, and perhaps a time in milliseconds.
private struct SampleLine {
    private var rest: Substring.UTF8View

    init(_ bytes: Substring.UTF8View) { rest = bytes }

    mutating func sample() -> (name: String, labels: [String: String], value: Double)? {
        guard let name = word(colons: true) else { return nil }
        var labels: [String: String] = [:]
        if take("{") {
            while !take("}") {
                guard let label = word(colons: false), take("="), take("\""), let value = quoted(),
                    labels.updateValue(value, forKey: label) == nil
                else { return nil }
                if !take(",") {
                    guard take("}") else { return nil }
                    break
                }
            }
        }
        guard take(" ") else { return nil }
        let words = rest.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard (1...2).contains(words.count), let value = Self.number(Substring(words[0])) else { return nil }
        if words.count == 2, Int64(Substring(words[1])) == nil { return nil }
        return (name, labels, value)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    private mutating func word(colons: Bool) -> String? {
        let word = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: ":"): colons
            default: false
            }
        }
        guard let first = word.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        rest = rest[word.endIndex...]
        return String(Substring(word))
    }

    /// A label's value, whose first quotation mark has been read.
    private mutating func quoted() -> String? {
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                switch rest.popFirst() {
                case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
                case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
                case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
                default: return nil
                }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf", "Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default:
            // Swift's own reader takes more: hexadecimal numbers, "infinity".
            text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } ? Double(text) : nil
        }
    }
}
