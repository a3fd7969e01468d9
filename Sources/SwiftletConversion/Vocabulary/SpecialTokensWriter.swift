import SwiftletGround
import SwiftletModelFiles

/// Roles of tokens, what is put around texts, the chat template: what `tokenizer_config.json` and its neighbours say
/// beside the vocabulary (gguf-py, vocab.py, `SpecialVocab`).
struct SpecialTokensWriter {
    private let model: CheckpointModel
    private let merges: [String]
    /// Ids from here on are no tokens; nil if that is not checked.
    private let count: Int?
    private let file: JSONValue?

    private var settings: JSONObject
    private var roles = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"]
    private var adds: [(role: String, value: Bool)] = []
    private var ids: [(role: String, id: Int)] = []

    /// `file` stands for `tokenizer.json`, where that is made of another file.
    init(
        _ model: CheckpointModel, merges: [String] = [], count: Int? = nil, file: JSONValue? = nil
    ) throws(ConversionError) {
        (self.model, self.merges, self.count) = (model, merges, count)
        if let file { self.file = file } else { self.file = try model.checkpoint.json("tokenizer.json") }
        settings = try model.checkpoint.json("tokenizer_config.json")?.object ?? JSONObject()
        let hasSettings = model.checkpoint.has("tokenizer_config.json")
        if self.file != nil { readFrame(hasSettings: hasSettings) }
        if hasSettings { readSettings() }
        for role in roles { set(role, model.configuration["\(role)_token_id"]?.integer) }
    }

    func write(into metadata: inout GGUFMetadata) throws(ConversionError) {
        if !merges.isEmpty { metadata["tokenizer.ggml.merges"] = .array(merges) }
        let keys = [
            "bos": "bos", "eos": "eos", "unk": "unknown", "sep": "seperator", "pad": "padding", "mask": "mask",
            "eot": "eot", "eom": "eom",
        ]
        for (role, id) in ids {
            guard let key = keys[role] else { continue }
            metadata["tokenizer.ggml.\(key)_token_id"] = .uint32(UInt32(id))
        }
        for (role, value) in adds where ["bos", "eos", "sep"].contains(role) {
            metadata["tokenizer.ggml.add_\(role)_token"] = .bool(value)
        }
        try writeTemplate(into: &metadata)
        let (lowercase, accents) = Self.normalizerFlags(file?["normalizer"] ?? .null, depth: 0)
        if let lowercase { metadata["tokenizer.ggml.normalizer.lowercase"] = .bool(lowercase) }
        if let accents { metadata["tokenizer.ggml.normalizer.strip_accents"] = .bool(accents) }
    }

    private mutating func set(_ role: String, _ id: Int?) {
        guard let id, id >= 0, id < count ?? .max, id <= Int(Int32.max), !ids.contains(where: { $0.role == role })
        else { return }
        ids.append((role, id))
    }

    private func add(_ role: String) -> Bool? { adds.first { $0.role == role }?.value }

    private mutating func setAdd(_ role: String, _ value: Bool) {
        if let place = adds.firstIndex(where: { $0.role == role }) {
            adds[place].value = value
        } else {
            adds.append((role, value))
        }
    }

    private func text(_ role: String) -> String? {
        let entry = settings["\(role)_token"]
        let text = entry?.string ?? entry?["content"]?.string
        return text?.isEmpty == true ? nil : text
    }

    private mutating func setText(_ role: String, _ text: String?) {
        settings["\(role)_token"] = text.map { .string($0) }
    }

    /// What the post-processor of `tokenizer.json` puts around texts.
    private mutating func readFrame(hasSettings: Bool) {
        if hasSettings {
            if text("bos") == nil, let cls = text("cls") { setText("bos", cls) }
            if text("eos") == nil, let separator = text("sep") { setText("eos", separator) }
        }
        guard let post = file?["post_processor"], !post.isNull else { return }
        for processor in post["processors"]?.array ?? [post] {
            switch processor["type"]?.string {
            case "ByteLevel":
                if add("bos") == nil { setAdd("bos", false) }
                if add("eos") == nil { setAdd("eos", false) }
            case "RobertaProcessing":
                for role in ["bos", "eos", "sep"] { setAdd(role, true) }
                if hasSettings, text("cls") == nil { setText("cls", processor["cls"]?[0]?.string ?? text("bos")) }
                if hasSettings, text("sep") == nil { setText("sep", processor["sep"]?[0]?.string ?? text("eos")) }
            case "TemplateProcessing": readTemplate(processor, hasSettings: hasSettings)
            default: break
            }
        }
    }

    private mutating func readTemplate(_ processor: JSONValue, hasSettings: Bool) {
        func special(_ item: JSONValue?) -> String? { item?["SpecialToken"]?["id"]?.string }
        func same(_ text: String?, _ role: String) -> Bool {
            text.map { text in self.text(role).map { ByteString($0) == ByteString(text) } ?? false } ?? false
        }
        let single = processor["single"]?.array ?? []
        var (first, last): (String?, String?) = (nil, nil)
        if single.count > 1 {
            first = special(single.first)
            last = special(single.last)
            if let first {
                if !same(first, "bos"), !same(first, "cls") {
                    if text("bos") == nil { setText("bos", first) }
                    if hasSettings, text("cls") == nil { setText("cls", first) }
                }
                setAdd("bos", same(first, "bos") || same(first, "cls"))
            }
            if let last {
                if hasSettings, !same(last, "eos") {
                    if let free = ["eot", "eom"].first(where: { !roles.contains($0) }) {
                        roles.append(free)
                        setText(free, text("eos"))
                    }
                }
                setText("eos", last)
                setAdd("eos", true)
            }
        }
        guard var pair = processor["pair"]?.array, !pair.isEmpty else { return }
        if first != nil, special(pair.first).map(ByteString.init) == first.map(ByteString.init) { pair.removeFirst() }
        if last != nil, special(pair.last).map(ByteString.init) == last.map(ByteString.init) { pair.removeLast() }
        guard pair.count > 2, pair.first?["Sequence"]?["id"]?.string == "A",
            pair.last?["Sequence"]?["id"]?.string == "B"
        else { return }
        let between = pair.dropFirst().dropLast()
        func separates(_ item: JSONValue?) -> Bool { same(special(item), "sep") || same(special(item), "eos") }
        var addsSeparator = separates(between.first) && last == nil
        if between.count == 2, separates(between.last) { addsSeparator = true }
        setAdd("sep", addsSeparator)
        if addsSeparator, hasSettings, text("sep") == nil { setText("sep", text("eos")) }
    }

    private mutating func readSettings() {
        let added = file?["added_tokens"]?.array ?? []
        for role in roles {
            if let value = settings["add_\(role)_token"]?.bool, add(role) == nil { setAdd(role, value) }
            guard let text = text(role) else { continue }
            let token = added.first { $0["content"]?.string.map(ByteString.init) == ByteString(text) }
            set(role, token?["id"]?.integer)
        }
    }

    private func writeTemplate(into metadata: inout GGUFMetadata) throws(ConversionError) {
        guard model.checkpoint.has("tokenizer_config.json") else { return }
        var template = settings["chat_template"]
        if template == nil, let text = try model.checkpoint.text("chat_template.jinja") {
            template = .string(text)
        } else if template == nil {
            template = try model.checkpoint.json("chat_template.json")?["chat_template"]
        }
        if let text = template?.string {
            metadata["tokenizer.chat_template"] = .string(text)
        } else if let choices = template?.array {
            writeChoices(choices, into: &metadata)
        }
    }

    /// Several templates with names: each under its own key, the default one where single ones are.
    private func writeChoices(_ choices: [JSONValue], into metadata: inout GGUFMetadata) {
        var names: [String] = []
        var usual: String?
        for choice in choices {
            let name = (choice["name"]?.string ?? "").unicodeScalars.map { scalar in
                scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) ? String(scalar) : "_"
            }.joined()
            guard !name.isEmpty, let template = choice["template"]?.string else { continue }
            if name == "default" {
                usual = template
            } else {
                names.append(name)
                metadata["tokenizer.chat_template.\(name)"] = .string(template)
            }
        }
        if !names.isEmpty { metadata["tokenizer.chat_templates"] = .array(names) }
        if let usual { metadata["tokenizer.chat_template"] = .string(usual) }
    }

    private static func normalizerFlags(_ normalizer: JSONValue, depth: Int) -> (lowercase: Bool?, accents: Bool?) {
        switch normalizer["type"]?.string {
        case "Lowercase": return (true, nil)
        case "StripAccents": return (nil, true)
        case "BertNormalizer": return (normalizer["lowercase"]?.bool, normalizer["strip_accents"]?.bool)
        case "Sequence" where depth < 8:
            var flags: (lowercase: Bool?, accents: Bool?) = (nil, nil)
            for item in normalizer["normalizers"]?.array ?? [] {
                let one = normalizerFlags(item, depth: depth + 1)
                flags = (one.lowercase ?? flags.lowercase, one.accents ?? flags.accents)
            }
            return flags
        default: return (nil, nil)
        }
    }
}
