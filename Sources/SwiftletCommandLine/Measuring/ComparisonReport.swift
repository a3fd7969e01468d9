import Foundation
import SwiftletEvaluation
import SwiftletGround
import SwiftletLibrary

/// A comparison as a table for people, or as JSON with all figures.
struct ComparisonReport {
    let base: String
    let models: [String]
    let file: String
    let result: QualityComparison

    var text: String {
        let names = Self.shortest([base] + models)
        var table = TextTable(.left, .right, .right, .right, .right, .right, .right, .right, .right, .right)
        table.add(
            "model", "size", "bits", "perplexity", "ratio to base", "KL divergence", "median", "99 %", "largest",
            "same top token")
        table.add(
            names[0], result.baseSize.bytes.asBytes, result.baseSize.bitsPerWeight.fixed(2),
            result.base.perplexity.fixed(4), "", "", "", "", "", "")
        for (name, model) in zip(names.dropFirst(), result.models) {
            let divergence = model.divergence
            table.add(
                name, model.size.bytes.asBytes, model.size.bitsPerWeight.fixed(2), model.perplexity.fixed(4),
                model.ratio.fixed(4), divergence.mean.fixed(5), divergence.median.fixed(5),
                divergence.quantile(0.99).fixed(4), divergence.maximum.fixed(4), model.sameTop.percent(2))
        }
        return table.text()
            + "\(result.base.scoredTokens) tokens of \(result.base.chunks) chunks of \(result.base.context); "
            + "\(result.base.duration.seconds.fixed(1)) s\n"
    }

    var json: JSONValue {
        [
            "file": .string(file), "context": .integer(Int64(result.base.context)),
            "chunks": .integer(Int64(result.base.chunks)),
            "scoredTokens": .integer(Int64(result.base.scoredTokens)),
            "duration": .number(result.base.duration.seconds),
            "peakMemory": .integer(Int64(ProcessMemory.peak)),
            "base": [
                "model": .string(base), "perplexity": result.base.perplexity.json,
                "bytes": .integer(Int64(result.baseSize.bytes)),
                "bitsPerWeight": .number(result.baseSize.bitsPerWeight),
            ],
            "models": .array(zip(models, result.models).map(json)),
        ]
    }

    private func json(_ name: String, _ model: ModelComparison) -> JSONValue {
        [
            "model": .string(name), "bytes": .integer(Int64(model.size.bytes)),
            "bitsPerWeight": .number(model.size.bitsPerWeight), "perplexity": model.perplexity.json,
            "ratio": model.ratio.json, "logRatio": model.logRatio.json, "correlation": .number(model.correlation),
            "divergence": json(model.divergence), "probabilityChange": json(model.probabilityChange),
            "probabilityChangeRMS": model.probabilityChangeRMS.json, "sameTop": model.sameTop.json,
        ]
    }

    /// Mean, extremes, and the quantiles that llama-perplexity prints.
    private func json(_ spread: Spread) -> JSONValue {
        let fractions = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]
        let quantiles = fractions.map { ("\($0)", JSONValue.number(spread.quantile($0))) }
        return [
            "mean": spread.mean.json, "minimum": .number(spread.minimum), "maximum": .number(spread.maximum),
            "median": .number(spread.median), "quantiles": .object(JSONObject(quantiles)),
        ]
    }

    /// Names without the folders, unless two would then be the same.
    private static func shortest(_ names: [String]) -> [String] {
        let short = names.map { URL(filePath: $0).lastPathComponent }
        return Set(short.map { ByteString($0) }).count == names.count ? short : names
    }
}
