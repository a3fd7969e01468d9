import Foundation
import SwiftletEvaluation
import SwiftletGround
import SwiftletModelFiles

/// A matrix that was written, in one line.
struct ImatrixReport {
    let output: String
    let matrix: ImportanceMatrixFile
    /// Of the chunks that were run now; nil if it was not measured.
    let perplexity: Estimate?

    /// Entries of which some expert saw nothing.
    private var partial: Int { matrix.entries.count { $0.counts.contains(0) } }

    var text: String {
        "\(matrix.entries.count) weights, \(matrix.chunkCount) chunks of \(matrix.chunkSize) in \(output)"
            + (perplexity.map { "; perplexity \($0.fixed(4))" } ?? "") + "\n"
            + (partial == 0 ? "" : "in \(partial) of them some experts saw nothing: a longer text would reach them\n")
    }

    var json: JSONValue {
        [
            "output": .string(output), "entries": .integer(Int64(matrix.entries.count)),
            "partialEntries": .integer(Int64(partial)), "chunks": .integer(Int64(matrix.chunkCount)),
            "chunkSize": .integer(Int64(matrix.chunkSize)),
            "datasets": .array(matrix.datasets.map(JSONValue.string)), "perplexity": perplexity?.json ?? .null,
        ]
    }
}

/// What a matrix says of each weight, and of each layer.
struct ImatrixStatisticsReport {
    private let weights: [ImportanceStatistics]
    private let layers: [LayerImportance]

    init(_ weights: [ImportanceStatistics]) {
        self.weights = weights
        layers = LayerImportance.layers(weights)
    }

    var text: String {
        var table = TextTable(
            .right, .left, .right, .right, .right, .right, .right, .right, .right, .right, .right, .right, .right)
        table.add(
            "layer", "tensor", "sum of x²", "min", "max", "mean", "σ", "active", "columns", "entropy", "even",
            "outliers",
            "cosine")
        for weight in weights {
            table.add(
                weight.layer.map { "\($0)" } ?? "-", weight.tensor, weight.total.fixed(2), weight.minimum.fixed(4),
                weight.maximum.fixed(4), weight.mean.fixed(2), weight.deviation.fixed(2), percent(weight.active),
                "\(weight.columns)", weight.entropy.fixed(4), percent(weight.evenness), percent(weight.outliers),
                weight.similarity.fixed(4))
        }
        var summary = TextTable(.right, .right, .right, .right)
        summary.add("layer", "sum of x²", "outliers", "cosine")
        for layer in layers {
            summary.add(
                "\(layer.layer)", layer.total.fixed(2), percent(layer.outliers), layer.similarity.fixed(4))
        }
        return table.text() + "\n" + summary.text()
    }

    private func percent(_ share: Double) -> String { "\((share * 100).fixed(2)) %" }

    var json: JSONValue {
        [
            "weights": .array(
                weights.map {
                    [
                        "name": .string($0.name), "layer": $0.layer.map { .integer(Int64($0)) } ?? .null,
                        "tensor": .string($0.tensor), "columns": .integer(Int64($0.columns)),
                        "total": .number($0.total), "minimum": .number($0.minimum), "maximum": .number($0.maximum),
                        "mean": .number($0.mean), "deviation": .number($0.deviation), "active": .number($0.active),
                        "entropy": .number($0.entropy), "evenness": .number($0.evenness),
                        "outliers": .number($0.outliers), "similarity": .number($0.similarity),
                    ]
                }),
            "layers": .array(
                layers.map {
                    [
                        "layer": .integer(Int64($0.layer)), "total": .number($0.total),
                        "outliers": .number($0.outliers), "similarity": .number($0.similarity),
                    ]
                }),
        ]
    }
}
