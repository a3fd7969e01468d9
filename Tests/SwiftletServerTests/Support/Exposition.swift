/// A strict reader of Prometheus' text format (0.0.4), for tests.
struct Exposition {
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    struct Family {
        let name: String
        let type: String
        let help: String
        var samples: [Sample] = []
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private(set) var families: [String: Family] = [:]

    /// Throws what breaks the format: a family without HELP or TYPE, told twice or in pieces; a bad name, label or number; a
    /// sample twice; buckets that do not ascend, do not add up, or do not end in +Inf.
    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Problem("the last line has no end") }
        var current: String?
        var helps: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                guard words.count == 4, helps[words[2]] == nil else { throw Problem("HELP: \(line)") }
                helps[words[2]] = words[3]
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, let help = helps[words[2]], families[words[2]] == nil,
                    ["counter", "gauge", "histogram"].contains(words[3])
                else { throw Problem("TYPE: \(line)") }
                families[words[2]] = Family(name: words[2], type: words[3], help: help)
                current = words[2]
            } else {
                let sample = try Self.sample(String(line))
                guard let name = current, var family = families[name], Self.belongs(sample.name, to: family) else {
                    throw Problem("not in a family: \(line)")
                }
                family.samples.append(sample)
                families[name] = family
            }
        }
        for family in families.values { try Self.check(family) }
    }

    /// The only sample of a name with these labels, or of a name.
    func value(_ name: String, _ labels: [String: String] = [:]) throws -> Double {
        let family = families[name] ?? families[String(name.prefix(upTo: name.lastIndex(of: "_") ?? name.endIndex))]
        let found = family?.samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        guard let found, found.count == 1 else { throw Problem("\(name) \(labels): \(found?.count ?? 0) samples") }
        return found[0].value
    }

    private static func belongs(_ name: String, to family: Family) -> Bool {
        guard family.type == "histogram" else { return name == family.name }
        return ["_bucket", "_sum", "_count"].contains { name == family.name + $0 }
    }

    /// `name{label="value",...} number`
    private static func sample(_ line: String) throws -> Sample {
        var rest = Substring(line)
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        rest = rest[name.endIndex...]
        guard let first = name.first, !first.isNumber else { throw Problem("name: \(line)") }
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let label = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                rest = rest[label.endIndex...]
                guard !label.isEmpty, rest.hasPrefix("=\"") else { throw Problem("label: \(line)") }
                rest = rest.dropFirst(2)
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    switch rest.popFirst() {
                    case "\\": value += "\\"
                    case "\"": value += "\""
                    case "n": value += "\n"
                    default: throw Problem("escape: \(line)")
                    }
                }
                guard labels.updateValue(value, forKey: String(label)) == nil else { throw Problem("twice: \(line)") }
                if rest.first == "," {
                    rest.removeFirst()
                } else if rest.first != "}" {
                    throw Problem("labels: \(line)")
                }
            }
            rest.removeFirst()
        }
        guard rest.first == " ", let value = number(rest.dropFirst()) else { throw Problem("value: \(line)") }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func number(_ text: Substring) -> Double? { text == "+Inf" ? .infinity : Double(text) }

    private static func check(_ family: Family) throws {
        var seen: Set<String> = []
        for sample in family.samples {
            let key =
                sample.name
                + sample.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
            guard seen.insert(key).inserted else { throw Problem("twice: \(key)") }
            if family.type != "gauge", !(sample.value >= 0) { throw Problem("below zero: \(key)") }
        }
        guard family.type == "histogram" else { return }
        let series = Dictionary(grouping: family.samples) { sample in
            sample.labels.filter { $0.key != "le" }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        }
        for (labels, samples) in series {
            let buckets = samples.filter { $0.name == family.name + "_bucket" }
            let bounds = buckets.compactMap { $0.labels["le"].flatMap { number(Substring($0)) } }
            let counts = buckets.map(\.value)
            let place = "\(family.name) \(labels)"
            guard bounds.count == buckets.count, bounds.last == .infinity else { throw Problem("no +Inf: \(place)") }
            guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else { throw Problem("bounds: \(place)") }
            guard zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 }) else { throw Problem("counts: \(place)") }
            guard let count = samples.first(where: { $0.name == family.name + "_count" })?.value, count == counts.last,
                samples.contains(where: { $0.name == family.name + "_sum" })
            else { throw Problem("count or sum: \(place)") }
        }
    }
}
