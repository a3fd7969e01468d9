import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletModelFiles

extension Inspection {
    /// Everything for a person: totals, metadata, tensors; arrays show their first `limit` elements.
    func text(limit: Int) -> String {
        var text = files.map { $0.path(percentEncoded: false) + "\n" }.joined()
        text += "\(format), \(metadata.count) metadata keys, \(tensors.count) tensors\n"
        if let bitsPerWeight {
            let bits = String(format: "%.2f", bitsPerWeight)
            text += "\(parameters.asCount) parameters in \(tensorBytes.asBytes), \(bits) bits a weight\n"
        }
        if !metadata.isEmpty {
            var table = TextTable()
            for entry in metadata { table.add(entry.key, entry.type, entry.value.text(limit: limit)) }
            text += "\nmetadata\n" + table.text(indent: "  ")
        }
        if !tensors.isEmpty {
            var table = TextTable(.left, .left, .right, .right, .right)
            for tensor in tensors {
                let shape = tensor.shape.map(String.init).joined(separator: " x ")
                table.add(tensor.name, tensor.type, shape, "at \(tensor.offset)", tensor.bytes.asBytes)
            }
            text += "\ntensors\n" + table.text(indent: "  ")
        }
        return text
    }
}

extension GGUFValue {
    /// On one line, long texts cut.
    fileprivate func text(limit: Int) -> String {
        guard case .array(let array) = self else {
            guard case .string = self, let text = json(limit: limit).string else { return json(limit: limit).text() }
            return text.onOneLine(atMost: 100)
        }
        let shown = array.elements(limit).map { $0.string.map { $0.onOneLine(atMost: 40).quoted } ?? $0.text() }
        return shown.joined(separator: ", ") + (array.count > limit ? shown.isEmpty ? "..." : ", ..." : "")
    }
}

extension String {
    /// Control characters escaped as in JSON, and cut with "..." if it has more characters.
    func onOneLine(atMost limit: Int) -> String {
        let escaped = JSONValue.string(String(prefix(limit + 1))).text().dropFirst().dropLast()
            .replacing("\\\"", with: "\"")
        return escaped.count > limit ? escaped.prefix(limit) + "..." : String(escaped)
    }

    fileprivate var quoted: String { "\"\(self)\"" }
}
