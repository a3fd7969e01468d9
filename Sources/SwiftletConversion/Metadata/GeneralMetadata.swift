import Foundation
import SwiftletGround
import SwiftletModelFiles

/// The keys `general.*` of a converted file: what generation_config.json, the model card, config.json and the folder's
/// name say, in the reference converter's order (gguf-py, metadata.py).
struct GeneralMetadata {
    private let generation: JSONValue
    private let card: ModelCard
    private let identifiers: [ModelIdentifier]
    private let parameters: SizeLabel.Parameters
    private let folderName: String

    /// `configuration` is the config.json of the folder, or null.
    init(folder: URL, configuration: JSONValue, _ parameters: SizeLabel.Parameters) throws(ConversionError) {
        self.parameters = parameters
        if let json = try Checkpoint.json(named: "generation_config.json", in: folder) {
            generation = json
        } else {
            generation = .null
        }
        card = ModelCard(try Checkpoint.text(named: "README.md", in: folder))
        folderName = folder.standardizedFileURL.lastPathComponent
        var names: [String] = []
        if let path = configuration["_name_or_path"]?.string, !path.isEmpty,
            path.filter({ $0 == "/" }).count <= 1
        {
            names.append(path)
        }
        identifiers = (names + [folderName]).map { ModelIdentifier($0, parameters: parameters.total) }
    }

    func write(into metadata: inout GGUFMetadata) throws(ConversionError) {
        try writeSampling(into: &metadata)
        func set(_ key: String, _ text: String?) {
            if let text { metadata["general.\(key)"] = .string(text) }
        }
        func first(_ part: KeyPath<ModelIdentifier, String?>) -> String? {
            identifiers.lazy.compactMap { $0[keyPath: part] }.first
        }
        let name = card.text("name", "model_name") ?? first(\.fullName).map(ModelIdentifier.title) ?? folderName
        set("name", name)
        set("author", card.text("author", "model_author", "model_creator"))
        set("version", card.text("version", "model_version") ?? first(\.version))
        set(
            "organization",
            card.text("organization", "model_organization") ?? first(\.organization).map(ModelIdentifier.title))
        set("finetune", card.text("finetune", "model_finetune") ?? first(\.fineTune))
        set("basename", card.text("basename", "model_basename", "model_type") ?? first(\.baseName))
        set("description", card.text("description", "model_description"))
        var label = card.text("size_label", "model_size_label") ?? first(\.sizeLabel)
        if label == nil, parameters.total > 0 { label = SizeLabel.text(parameters) }
        set("size_label", label)
        set("license", card.list("license")?.joined(separator: ","))
        set("license.name", card.text("license_name"))
        set("license.link", card.text("license_link"))
        set("source.url", card.text("url", "model_url"))
        set("source.doi", card.text("doi", "model_doi"))
        set("source.uuid", card.text("uuid", "model_uuid"))
        set("source.repo_url", card.text("repo_url", "model_repo_url"))
        writeOrigins(card.list("base_model", "base_models", "base_model_sources"), "base_model", into: &metadata)
        writeOrigins(card.list("datasets", "dataset", "dataset_sources"), "dataset", into: &metadata)
        let tags = (card.list("tags") ?? []) + (card.list("pipeline_tag") ?? [])
        if !tags.isEmpty { metadata["general.tags"] = .array(tags) }
        let languages = (card.list("languages") ?? []) + (card.list("language") ?? [])
        if !languages.isEmpty { metadata["general.languages"] = .array(languages) }
    }

    private func writeSampling(into metadata: inout GGUFMetadata) throws(ConversionError) {
        let keys = [
            ("top_k", "top_k", true), ("top_p", "top_p", false), ("min_p", "min_p", false),
            ("xtc_probability", "xtc_probability", false), ("xtc_threshold", "xtc_threshold", false),
            ("temp", "temperature", false), ("penalty_last_n", "penalty_last_n", true),
            ("penalty_repeat", generation["penalty_repeat"] == nil ? "repetition_penalty" : "penalty_repeat", false),
            ("mirostat", "mirostat", true), ("mirostat_tau", "mirostat_tau", false),
            ("mirostat_eta", "mirostat_eta", false),
        ]
        if let sequence = generation["sequence"]?.string { metadata["general.sampling.sequence"] = .string(sequence) }
        for (name, key, isInteger) in keys {
            guard let value = generation[key], !value.isNull else { continue }
            let place = "generation_config.json, \(key)"
            if isInteger {
                guard let integer = value.integer.flatMap({ Int32(exactly: $0) }) else {
                    throw ConversionError(.malformed, "\(value.text().prefix(40)) is no whole number", at: place)
                }
                metadata["general.sampling.\(name)"] = .int32(integer)
            } else {
                guard let number = value.number, Float(number).isFinite else {
                    throw ConversionError(.malformed, "\(value.text().prefix(40)) is no number", at: place)
                }
                metadata["general.sampling.\(name)"] = .float32(Float(number))
            }
        }
    }

    /// What a model was made of: its base models, or its data.
    private func writeOrigins(_ origins: [String]?, _ key: String, into metadata: inout GGUFMetadata) {
        guard let origins else { return }
        metadata["general.\(key).count"] = .uint32(UInt32(origins.count))
        for (index, origin) in origins.enumerated() {
            func set(_ name: String, _ text: String?) {
                if let text { metadata["general.\(key).\(index).\(name)"] = .string(text) }
            }
            let isAddress = ["http://", "https://", "ssh://"].contains { origin.hasPrefix($0) }
            let match = origin.wholeMatch(of: /https?:\/\/huggingface.co\/([^\/]+\/[^\/]+)/)
            let name = isAddress ? match.map { String($0.1) } : origin
            let identifier = name.map { ModelIdentifier($0, parameters: parameters.total) }
            set("name", identifier?.fullName.map(ModelIdentifier.title))
            set("version", identifier?.version)
            set("organization", identifier?.organization.map(ModelIdentifier.title))
            if isAddress {
                set("repo_url", origin)
            } else if let owner = identifier?.organization, let name = identifier?.fullName {
                set("repo_url", "https://huggingface.co/\(owner)/\(name)")
            }
        }
    }
}
