/// Numbers in Prometheus' text format, version 0.0.4, or as OpenMetrics 1.0.0.
package struct MetricsText {
    package enum Form: Sendable {
        case prometheus, openMetrics

        /// What `Accept` asks for; OpenMetrics only if it is named.
        init(accept: String?) {
            self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
        }

        var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    package typealias Labels = [(name: String, value: String)]

    let form: Form
    private var text = ""

    package init(_ form: Form) { self.form = form }

    package var whole: String { form == .openMetrics ? text + "# EOF\n" : text }

    /// A value that goes up and down.
    package mutating func gauge(_ name: String, _ help: String, _ samples: [(Labels, Double)]) {
        head(name, "gauge", help)
        for (labels, value) in samples { sample(name, labels, Self.text(value)) }
    }

    /// A value that only grows; `name` ends in `_total`.
    package mutating func counter(_ name: String, _ help: String, _ samples: [(Labels, Double)]) {
        // OpenMetrics names the family without what its samples end in.
        head(form == .openMetrics && name.hasSuffix("_total") ? String(name.dropLast(6)) : name, "counter", help)
        for (labels, value) in samples { sample(name, labels, Self.text(value)) }
    }

    package mutating func histogram(_ name: String, _ help: String, _ samples: [(Labels, Histogram)]) {
        head(name, "histogram", help)
        for (labels, histogram) in samples {
            let counts = histogram.counts
            let cumulative = counts.cumulative
            for (bound, count) in zip(histogram.bounds, cumulative) {
                sample(name + "_bucket", labels + [(name: "le", value: Self.text(bound))], String(count))
            }
            let all = String(cumulative.last ?? 0)
            sample(name + "_bucket", labels + [(name: "le", value: "+Inf")], all)
            sample(name + "_sum", labels, Self.text(counts.sum))
            sample(name + "_count", labels, all)
        }
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: form == .openMetrics))\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ labels: Labels, _ value: String) {
        text += name
        if !labels.isEmpty {
            let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text += "{" + list.joined(separator: ",") + "}"
        }
        text += " " + value + "\n"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Bounds as Prometheus' own clients write them (`1.0`), whole numbers without an exponent.
    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) + ".0" : value.description
    }
}
