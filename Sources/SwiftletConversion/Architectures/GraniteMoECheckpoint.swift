import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Granite's mixtures of experts, with or without a shared expert (conversion/granite.py).
enum GraniteMoECheckpoint: GraniteLike {
    // Who it is
    static let name = "granitemoe"
    static let classes = ["GraniteMoeForCausalLM", "GraniteMoeSharedForCausalLM"]

    // The way back
    static let modelType = "granitemoe"

    static func exportedSettings(_ file: GGUFMetadata) throws(ConversionError) -> JSONObject {
        var settings = exportedScales(file)
        if file["\(name).expert_shared_feed_forward_length"] != nil {
            settings["architectures"] = ["GraniteMoeSharedForCausalLM"]
            settings["model_type"] = "granitemoeshared"
        }
        return settings
    }
}
