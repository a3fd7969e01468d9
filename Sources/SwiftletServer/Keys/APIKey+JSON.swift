import Foundation
package import SwiftletGround
import SwiftletLibrary

/// A key as its file has it.
extension APIKey {
    package var json: JSONValue {
        var object = JSONObject([
            ("name", .string(name)), ("sha256", .string(digest.hexadecimal)), ("role", .string(role.rawValue)),
        ])
        if let models { object["models"] = .array(models.map { .string($0.description) }) }
        func add(_ key: String, _ value: Int?) { if let value { object[key] = .integer(Int64(value)) } }
        add("requestsPerMinute", limits.requestsPerMinute)
        add("tokensPerDay", limits.tokensPerDay)
        add("concurrent", limits.concurrent)
        if priority != 0 { add("priority", priority) }
        object["created"] = .string(created.formatted(.iso8601))
        if let expires { object["expires"] = .string(expires.formatted(.iso8601)) }
        return .object(object)
    }

    /// Throws `RequestProblem`, also for members that it does not know: a later version's may be limits.
    init(_ fields: Fields) throws {
        for key in fields.object.keys where !Self.members.contains(where: { $0.utf8.elementsEqual(key.utf8) }) {
            throw fields.problem(key, "is not known to this version of Swiftlet")
        }
        let name = try fields.required("name", fields.string("name"))
        let hexadecimal = try fields.required("sha256", fields.string("sha256"))
        guard let digest = KeyDigest(hexadecimal: hexadecimal) else {
            throw fields.problem("sha256", "is no SHA-256")
        }
        let created = try fields.required("created", fields.date("created"))
        do throws(ServerError) {
            try self.init(name: name, digest: digest, created: created)
        } catch {
            throw fields.problem("name", error.problem)
        }
        let roles = KeyRole.allCases.map(\.rawValue)
        role = try KeyRole(rawValue: fields.required("role", fields.string("role", among: roles))) ?? .readOnly
        models = try Self.models(fields)
        limits.requestsPerMinute = try fields.integer("requestsPerMinute", in: KeyLimits.requests)
        limits.tokensPerDay = try fields.integer("tokensPerDay", in: KeyLimits.tokens)
        limits.concurrent = try fields.integer("concurrent", in: KeyLimits.atOnce)
        priority = try fields.integer("priority", in: Self.priorities) ?? 0
        expires = try fields.date("expires")
    }

    private static let members = [
        "name", "sha256", "role", "models", "requestsPerMinute", "tokensPerDay", "concurrent", "priority", "created",
        "expires",
    ]

    private static func models(_ fields: Fields) throws -> [ModelName]? {
        guard let texts = try fields.strings("models") else { return nil }
        guard !texts.isEmpty else { throw fields.problem("models", "names no model") }
        return try texts.map { text in
            do throws(LibraryError) { return try ModelName(text) } catch {
                throw fields.problem("models", error.description)
            }
        }
    }
}

extension Fields {
    fileprivate func date(_ key: String) throws -> Date? {
        guard let text = try string(key) else { return nil }
        guard let date = try? Date(text, strategy: .iso8601) else { throw problem(key, "is no time") }
        return date
    }
}
