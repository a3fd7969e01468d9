public import SwiftletGround

/// What kind of value a parameter takes.
public enum ParameterKind: Sendable {
    case integer, number, boolean, text
    /// Given several times.
    case texts
}

extension ModelSettings {
    /// All parameters that a Modelfile may set, by name: Ollama's options, and the samplers that Swiftlet has beside them.
    public static let parameterKinds: [String: ParameterKind] = [
        "num_keep": .integer, "seed": .integer, "num_predict": .integer, "top_k": .integer, "repeat_last_n": .integer,
        "num_ctx": .integer, "num_batch": .integer, "num_gpu": .integer, "main_gpu": .integer, "num_thread": .integer,
        "draft_num_predict": .integer, "use_mmap": .boolean,
        "top_p": .number, "min_p": .number, "typical_p": .number, "temperature": .number, "repeat_penalty": .number,
        "presence_penalty": .number, "frequency_penalty": .number, "stop": .texts,
        "mirostat": .integer, "mirostat_tau": .number, "mirostat_eta": .number, "top_n_sigma": .number,
        "dry_multiplier": .number, "dry_base": .number, "dry_allowed_length": .integer, "dry_penalty_last_n": .integer,
        "dry_sequence_breakers": .texts, "xtc_probability": .number, "xtc_threshold": .number,
        "dynatemp_range": .number, "dynatemp_exponent": .number, "min_keep": .integer,
    ]

    /// Options of Ollama's past: accepted, as there, without effect.
    static let ignoredParameters: Set<String> = [
        "penalize_newline", "low_vram", "f16_kv", "logits_all", "vocab_only", "use_mlock", "numa", "num_gqa",
        "rope_frequency_base", "rope_frequency_scale", "tfs_z",
    ]

    /// Sets a parameter from its text; one that takes several adds to them. Throws `modelfile` for an unknown name or a
    /// value of another kind.
    mutating func set(parameter name: String, to text: String) throws(LibraryError) {
        if Self.ignoredParameters.contains(name) { return }
        guard let kind = Self.parameterKinds[name] else {
            throw LibraryError(
                .modelfile, "there is no parameter \"\(name.prefix(40))\"",
                advice: "Parameters are \(Self.parameterKinds.keys.sorted().joined(separator: ", "))")
        }
        switch kind {
        case .integer:
            guard let value = Int64(text) else { throw Self.wrong(name, "a whole number") }
            parameters[name] = .integer(value)
        case .number:
            guard let value = Double(text), value.isFinite else { throw Self.wrong(name, "a number") }
            parameters[name] = .number(value)
        case .boolean:
            // As Go's strconv.ParseBool reads them.
            if ["1", "t", "T", "true", "TRUE", "True"].contains(text) {
                parameters[name] = .bool(true)
            } else if ["0", "f", "F", "false", "FALSE", "False"].contains(text) {
                parameters[name] = .bool(false)
            } else {
                throw Self.wrong(name, "true or false")
            }
        case .text: parameters[name] = .string(text)
        case .texts: parameters[name] = .array((parameters[name]?.array ?? []) + [.string(text)])
        }
    }

    private static func wrong(_ name: String, _ wanted: String) -> LibraryError {
        LibraryError(.modelfile, "the parameter \(name) takes \(wanted)")
    }
}

extension Modelfile {
    /// What the commands set; throws `modelfile` with the line for an unknown parameter or a value of the wrong kind.
    public func settings() throws(LibraryError) -> ModelSettings {
        var settings = ModelSettings()
        for command in commands {
            switch command.instruction {
            case .from(let name): settings.parent = name
            case .parameter(let name, let value):
                do {
                    try settings.set(parameter: name, to: value)
                } catch {
                    throw error.within("line \(command.line)")
                }
            case .template(let text): settings.template = text
            case .system(let text): settings.system = text
            case .adapter(let path): settings.adapters.append(path)
            case .license(let text): settings.licenses.append(text)
            case .message(let role, let content):
                settings.messages.append(ModelSettings.Message(role: role, content: content))
            case .requires(let version): settings.requires = version
            case .renderer, .parser, .draft: break
            }
        }
        return settings
    }
}
