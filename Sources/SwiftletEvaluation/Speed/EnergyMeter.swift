package import Foundation

/// The energy that the processor packages have taken, where the system tells: Linux's powercap counters (RAPL), which mostly
/// only root may read.
package struct EnergyMeter: Sendable {
    /// Counters of whole packages, in microjoules, and where each starts again from 0.
    private let counters: [(file: URL, range: Double)]

    package static let systemFolder = URL(filePath: "/sys/class/powercap", directoryHint: .isDirectory)

    /// nil where no package has a counter that can be read.
    package init?(_ folder: URL = EnergyMeter.systemFolder) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        counters = names.sorted().compactMap { name in
            // intel-rapl:0 is a package (AMD's too); intel-rapl:0:0 is a part of it.
            guard name.hasPrefix("intel-rapl:"), name.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1 else {
                return nil
            }
            let domain = folder.appending(path: name, directoryHint: .isDirectory)
            let counter = domain.appending(path: "energy_uj")
            guard Self.number(counter) != nil else { return nil }
            return (counter, Self.number(domain.appending(path: "max_energy_range_uj")) ?? 0)
        }
        if counters.isEmpty { return nil }
    }

    /// What the counters say now; nil if one cannot be read any more.
    package var reading: [Double]? {
        let values = counters.compactMap { Self.number($0.file) }
        return values.count == counters.count ? values : nil
    }

    /// Joules between two readings, less than one turn of the counters apart.
    package func joules(from start: [Double], to end: [Double]) -> Double {
        var sum = 0.0
        for (index, counter) in counters.enumerated() where index < start.count && index < end.count {
            let difference = end[index] - start[index]
            sum += difference < 0 ? difference + counter.range : difference
        }
        return sum / 1e6
    }

    private static func number(_ file: URL) -> Double? {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
