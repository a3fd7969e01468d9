/// Which files of a checkpoint folder or repository are the model: weights, configuration, tokenizer, licence.
enum CheckpointFiles {
    static func belongs(_ path: String) -> Bool {
        let parts = path.lowercased().split(separator: "/")
        guard let name = parts.last, !parts.contains(where: { $0.hasPrefix(".") }) else { return false }
        // Folders hold other formats (onnx/, openvino/) or, as 1_Pooling/, a module's configuration.
        if parts.count > 1 { return parts.count == 2 && name == "config.json" && (parts[0].first?.isNumber ?? false) }
        return name.hasSuffix(".safetensors") || name.hasSuffix(".json") || name.hasSuffix(".jinja")
            || ["vocab.txt", "merges.txt", "tokenizer.model", "license", "license.txt", "license.md"].contains(name)
    }
}
