import SwiftletGround

/// What Python can hash, with Python's equality: 1, 1.0 and True are one key.
enum TemplateKey: Hashable {
    case null
    case integer(Int)
    case float(Double)
    case string(ByteString)
    case tuple([TemplateKey])
}

/// An immutable dictionary in order of insertion.
final class TemplateDictionary {
    typealias Entry = (key: TemplateValue, value: TemplateValue)

    let entries: [Entry]
    let depth: Int
    private let places: [TemplateKey: Int]

    static let empty = TemplateDictionary(builder: TemplateDictionaryBuilder())

    init(builder: TemplateDictionaryBuilder) {
        entries = builder.entries
        places = builder.places
        var deepest = 0
        for entry in entries { deepest = max(deepest, entry.key.depth, entry.value.depth) }
        depth = deepest + 1
    }

    subscript(key: TemplateKey) -> TemplateValue? { places[key].map { entries[$0].value } }

    subscript(key: String) -> TemplateValue? { self[.string(ByteString(key))] }
}

extension TemplateDictionary: @unchecked Sendable {
    // Proof: only `empty`, which holds nothing, is ever shared between threads.
}

/// Collects the entries of a dictionary; a key that comes again keeps its place and takes the new value.
struct TemplateDictionaryBuilder {
    private(set) var entries: [TemplateDictionary.Entry] = []
    private(set) var places: [TemplateKey: Int] = [:]

    mutating func set(_ key: TemplateKey, _ original: TemplateValue, _ value: TemplateValue) {
        if let place = places[key] {
            entries[place].value = value
        } else {
            places[key] = entries.count
            entries.append((original, value))
        }
    }

    mutating func set(_ key: String, _ value: TemplateValue) {
        set(.string(ByteString(key)), .string(key), value)
    }

    func make() -> TemplateDictionary { TemplateDictionary(builder: self) }
}
