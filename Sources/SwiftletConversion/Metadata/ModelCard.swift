import Foundation
import SwiftletGround

/// What stands between the `---` lines of a model's README.md: the plain part of YAML, which is what model cards use.
///
/// Read are `key: text`, `key: [a, b]`, and `key:` with `- item` lines below it; anything deeper is skipped.
package struct ModelCard {
    private(set) var values: [(key: String, items: [String], isList: Bool)] = []

    package init(_ text: String?) {
        guard let text else { return }
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
        guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else { return }
        for line in lines[1..<end] { read(line.replacing("\t", with: "  ")) }
        values.removeAll { $0.items.isEmpty }
    }

    private mutating func read(_ line: String) {
        let trimmed = line.drop { $0 == " " }
        if trimmed.hasPrefix("- "), !values.isEmpty, values[values.count - 1].isList {
            let item = Self.scalar(trimmed.dropFirst(2))
            // A mapping inside a list is deeper than this goes.
            if let item, !item.contains(": ") { values[values.count - 1].items.append(item) }
            return
        }
        guard trimmed.count == line.count, !trimmed.hasPrefix("#"), !trimmed.hasPrefix("- "),
            let colon = trimmed.firstIndex(of: ":")
        else { return }
        let key = String(trimmed[..<colon])
        let rest = trimmed[trimmed.index(after: colon)...].drop { $0 == " " }
        if rest.hasPrefix("["), rest.hasSuffix("]") {
            let items = rest.dropFirst().dropLast().split(separator: ",").compactMap { Self.scalar($0) }
            values.append((key, items, true))
        } else if let value = Self.scalar(rest) {
            values.append((key, [value], false))
        } else {
            values.append((key, [], true))
        }
    }

    /// A text without quotes, comments and spaces around it; nil if nothing or a block follows.
    private static func scalar(_ text: some StringProtocol) -> String? {
        var text = String(text)
        while text.last?.isWhitespace == true { text.removeLast() }
        text = String(text.drop { $0.isWhitespace })
        for quote in ["\"", "'"] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        if let comment = text.range(of: " #") { text = scalar(text[..<comment.lowerBound]) ?? "" }
        return text.isEmpty || ["|", ">", "|-", ">-", "null", "~"].contains(text) ? nil : text
    }

    package func text(_ keys: String...) -> String? {
        for key in keys {
            if let found = values.first(where: { $0.key == key && !$0.isList }) { return found.items[0] }
        }
        return nil
    }

    /// The items under a key, one or many; nil without the key.
    package func list(_ keys: String...) -> [String]? {
        for key in keys {
            if let found = values.first(where: { $0.key == key }) { return found.items }
        }
        return nil
    }
}
