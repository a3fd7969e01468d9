import Foundation
import SwiftletGround
public import SwiftletModelFiles

/// What an importance matrix says of one weight's inputs; the figures are those of the reference's --show-statistics.
public struct ImportanceStatistics: Sendable {
    /// `blk.0.attn_q.weight`
    public let name: String
    /// The block's number; nil for weights outside the blocks.
    public let layer: Int?
    /// `attn_q`
    public let tensor: String
    /// Input columns, of all experts that saw something.
    public let columns: Int
    /// Sum of the mean squares of all columns.
    public let total: Double
    public let minimum: Double
    public let maximum: Double
    public let mean: Double
    public let deviation: Double
    /// Share of the columns whose mean square is above 0.00001.
    public let active: Double
    /// Entropy of the columns' shares of the total, in bits.
    public let entropy: Double
    /// The same as a share of the most that is possible, all columns alike.
    public var evenness: Double { columns > 1 ? entropy / log2(Double(columns)) : 0 }
    /// Share of the columns that lie more than a standard deviation above the mean.
    public let outliers: Double
    /// Cosine of the angle to the same weight's sums in the layer before; 0 without one.
    public fileprivate(set) var similarity = 0.0

    fileprivate let sums: [Float]

    /// The statistics of one entry; nil if it saw nothing.
    init?(_ entry: ImportanceMatrixFile.Entry) {
        var values: [Double] = []
        for (matrix, count) in entry.counts.enumerated() where count > 0 {
            let columns = matrix * entry.columns..<(matrix + 1) * entry.columns
            values += entry.sums[columns].map { Double($0 / count) }
        }
        guard let least = values.min(), let most = values.max() else { return nil }
        let count = Double(values.count)
        let total = values.reduce(0, +)
        let mean = total / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let deviation = variance.squareRoot()
        (name, sums, columns) = (entry.name, entry.sums, values.count)
        (layer, tensor) = Self.parts(entry.name)
        (self.total, minimum, maximum, self.mean, self.deviation) = (total, least, most, mean, deviation)
        active = Double(values.count { abs($0) > 1e-5 }) / count
        entropy = total > 0 ? values.reduce(0) { $1 > 0 ? $0 - $1 / total * log2($1 / total) : $0 } : 0
        outliers = deviation > 0 ? Double(values.count { $0 - mean > deviation }) / count : 0
    }

    /// `blk.7.attn_q.weight` is `attn_q` in layer 7.
    private static func parts(_ name: String) -> (Int?, String) {
        let parts = name.split(separator: ".")
        let block = parts.firstIndex(of: "blk").flatMap { $0 + 1 < parts.count ? Int(parts[$0 + 1]) : nil }
        let tensor = parts.firstIndex(of: "weight").flatMap { $0 > 0 ? String(parts[$0 - 1]) : nil }
        return (block, tensor ?? name)
    }
}

extension ImportanceMatrixFile {
    /// The statistics of all entries that saw something: by the weight's role, the strongest first.
    public var statistics: [ImportanceStatistics] {
        var all = entries.compactMap { ImportanceStatistics($0) }
        var places: [ByteString: Int] = [:]
        for (index, statistics) in all.enumerated() { places[ByteString(statistics.name)] = index }
        for index in all.indices {
            guard let layer = all[index].layer, layer > 0 else { continue }
            let before = all[index].name.replacingOccurrences(of: "blk.\(layer).", with: "blk.\(layer - 1).")
            guard let place = places[ByteString(before)] else { continue }
            all[index].similarity = cosine(all[index].sums, all[place].sums)
        }
        return all.sorted {
            let (a, b) = (ByteString($0.tensor), ByteString($1.tensor))
            return a == b ? $0.total > $1.total : a < b
        }
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let lengths = (dot(a, a) * dot(b, b)).squareRoot()
        return lengths > 0 ? dot(a, b) / lengths : 0
    }
}

/// The statistics of all weights of a layer together, each weighted by its columns.
public struct LayerImportance: Sendable {
    public let layer: Int
    public let total: Double
    public let outliers: Double
    public let similarity: Double

    /// One a layer, in their order; weights outside the blocks are left out.
    public static func layers(_ statistics: [ImportanceStatistics]) -> [LayerImportance] {
        Dictionary(grouping: statistics) { $0.layer }.compactMap { layer, weights in
            guard let layer else { return nil }
            let columns = Double(weights.reduce(0) { $0 + $1.columns })
            func average(_ value: (ImportanceStatistics) -> Double) -> Double {
                weights.reduce(0) { $0 + Double($1.columns) * value($1) } / columns
            }
            return LayerImportance(
                layer: layer, total: average(\.total), outliers: average(\.outliers), similarity: average(\.similarity))
        }
        .sorted { $0.layer < $1.layer }
    }
}
