package import Foundation
package import SwiftletGround

/// Which records of an audit log to show.
package struct AuditSearch: Sendable {
    /// Fields that must have these values: key, model, outcome, event, client.
    package var values: [String: String] = [:]
    package var since: Date?
    package var until: Date?
    /// The most records, the last ones.
    package var limit = Int.max
    package var withTexts = false

    package init() {}

    /// The records that fit, the oldest first, each with its number as `n`, and its text where that is kept and wanted.
    package func records(in folder: AuditFolder) throws -> [JSONObject] {
        let texts = withTexts ? try AuditPrompts.texts(in: folder) : [:]
        let (first, last) = (since.map { Timestamp.text($0) }, until.map { Timestamp.text($0) })
        var found: [JSONObject] = []
        for file in try folder.files() {
            try file.lines { data, _ in
                guard let line = AuditLine(Data(data)), fits(line.fields, first, last) else { return }
                var record: JSONObject = ["n": .integer(Int64(line.link.number))]
                for member in line.fields { record[member.key] = member.value }
                if let text = line.fields["request"]?.string.flatMap({ texts[$0] }) {
                    record["text"] = .string(text.text)
                }
                found.append(record)
                // Half of what was found goes at a time, so that each is moved once.
                if found.count / 2 >= limit { found.removeFirst(found.count - limit) }
            }
        }
        return Array(found.suffix(limit))
    }

    private func fits(_ fields: JSONObject, _ first: String?, _ last: String?) -> Bool {
        let time = fields["time"]?.string ?? ""
        if let first, time < first { return false }
        if let last, time > last { return false }
        return values.allSatisfy { fields[$0.key]?.string == $0.value }
    }
}
