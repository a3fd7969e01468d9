import SwiftletGround
import SwiftletModelFiles

/// What a GGUF file says of its origin and its sampling, as the files of a checkpoint that say so.
struct ExportedCard {
    private let metadata: GGUFMetadata

    init(_ metadata: GGUFMetadata) { self.metadata = metadata }

    private static let texts = [
        ("name", "name"), ("author", "author"), ("version", "version"), ("organization", "organization"),
        ("finetune", "finetune"), ("basename", "basename"), ("description", "description"),
        ("size_label", "size_label"), ("license", "license"), ("license.name", "license_name"),
        ("license.link", "license_link"),
    ]
    private static let sampling = [
        ("top_k", "top_k"), ("top_p", "top_p"), ("min_p", "min_p"), ("temp", "temperature"),
        ("penalty_repeat", "repetition_penalty"), ("xtc_probability", "xtc_probability"),
        ("xtc_threshold", "xtc_threshold"), ("penalty_last_n", "penalty_last_n"), ("mirostat", "mirostat"),
        ("mirostat_tau", "mirostat_tau"), ("mirostat_eta", "mirostat_eta"),
    ]

    /// README.md with a model card, and generation_config.json, each where there is something to say.
    func files() -> [(name: String, bytes: [UInt8])] {
        var files: [(String, [UInt8])] = []
        let lines = card
        if !lines.isEmpty { files.append(("README.md", Array("---\n\(lines.joined())---\n".utf8))) }
        var settings = JSONObject()
        for (key, setting) in Self.sampling {
            switch metadata["general.sampling." + key] {
            case .float32(let number)? where number.isFinite: settings[setting] = .number(shortest(number))
            case .int32(let number)?: settings[setting] = .integer(Int64(number))
            default: break
            }
        }
        if !settings.isEmpty { files.append(("generation_config.json", Array((settings.text(.pretty) + "\n").utf8))) }
        return files
    }

    private var card: [String] {
        var lines: [String] = []
        for (key, name) in Self.texts {
            if case .string(let string)? = metadata["general." + key], let text = string.text, Self.isPlain(text) {
                lines.append("\(name): \"\(text)\"\n")
            }
        }
        for (key, name) in [("tags", "tags"), ("languages", "language")] {
            guard case .array(let array)? = metadata["general." + key], let items = try? array.strings(),
                items.allSatisfy(Self.isPlain)
            else { continue }
            lines.append("\(name):\n" + items.map { "- \"\($0)\"\n" }.joined())
        }
        return lines
    }

    /// Whether a text needs no escapes between quotes.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && !text.unicodeScalars.contains { $0 == "\"" || $0 == "\\" || $0.value < 0x20 }
    }
}
