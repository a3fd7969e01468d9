import SwiftletGround
import SwiftletQuantizer
import SwiftletTensors

extension QuantizeReport {
    var json: JSONValue {
        var object = JSONObject([("input", .string(input)), ("type", .string(plan.fileType.name))])
        if !output.isEmpty { object["output"] = .array(output.map(JSONValue.string)) }
        object["sourceBytes"] = .integer(Int64(plan.sourceBytes))
        object["bytes"] = .integer(Int64(plan.bytes))
        object["bitsPerWeight"] = .number(plan.bitsPerWeight)
        if let seconds { object["seconds"] = .number(seconds) }
        object["notes"] = .array(plan.notes.map(JSONValue.string))
        object["needsImportanceMatrix"] = .bool(plan.tensors.contains { $0.lacksImportance })
        object["tensors"] = .array(plan.tensors.map { .object(Self.json($0)) })
        if let accuracies { object["accuracy"] = .array(accuracies.map { .object(Self.json($0)) }) }
        return .object(object)
    }

    private static func json(_ tensor: PlannedTensor) -> JSONObject {
        var object = JSONObject([
            ("name", .string(tensor.name)), ("shape", .array(tensor.dimensions.map { .integer(Int64($0)) })),
            ("from", .string(tensor.sourceType.name)), ("to", .string(tensor.type.name)),
            ("sourceBytes", .integer(Int64(tensor.sourceBytes))), ("bytes", .integer(Int64(tensor.bytes))),
        ])
        if let wanted = tensor.wantedType { object["insteadOf"] = .string(wanted.name) }
        return object
    }

    private static func json(_ accuracy: TensorAccuracy) -> JSONObject {
        var object = JSONObject([
            ("name", .string(accuracy.name)), ("type", .string(accuracy.type.name)), ("rmse", .number(accuracy.error)),
            // JSON has no infinity: null where no number changed.
            ("snr", accuracy.signalToNoise.isFinite ? .number(accuracy.signalToNoise) : .null),
        ])
        if let worst = accuracy.worstBlock {
            object["worstBlock"] = [
                "row": .integer(Int64(worst.row)), "column": .integer(Int64(worst.column)),
                "rmse": .number(worst.error),
            ]
        }
        return object
    }
}
