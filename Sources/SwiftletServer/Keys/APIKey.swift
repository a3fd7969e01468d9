package import Foundation
import SwiftletGround
package import SwiftletLibrary

/// What is known of a key: whose it is and what its holder may do; never the key itself.
package struct APIKey: Sendable, Hashable {
    package let name: String
    package let digest: KeyDigest
    package var role = KeyRole.user
    /// The models that the holder sees and runs; a name without a tag stands for all its tags. Nil for all models.
    package var models: [ModelName]?
    package var limits = KeyLimits()
    /// Where the holder's requests stand among others'; higher goes first.
    package var priority = 0
    package var created: Date
    package var expires: Date?

    /// Throws for a name that is no key's name.
    package init(name: String, digest: KeyDigest, created: Date = Date()) throws(ServerError) {
        guard Self.isName(name) else {
            throw ServerError(
                .keys, "is no name for a key: 1 to 64 letters, digits, '.', '_', '-' and '@' are",
                at: "\"\(name.prefix(80))\"")
        }
        (self.name, self.digest) = (name, digest)
        // As the file keeps it.
        self.created = Date(timeIntervalSince1970: created.timeIntervalSince1970.rounded(.down))
    }

    package static let priorities = -1000...1000

    /// Names go into logs and tables.
    private static func isName(_ text: String) -> Bool {
        let isAllowed = { (byte: UInt8) in
            (48...57).contains(byte) || (64...90).contains(byte) || (97...122).contains(byte)
                || [45, 46, 95].contains(byte)
        }
        return (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
    }

    func hasExpired(at date: Date) -> Bool { expires.map { $0 <= date } ?? false }

    /// Whether the holder may use a model, named with its tag.
    func allows(_ model: ModelName) -> Bool {
        guard let models else { return true }
        return models.contains { $0 == model || $0.tag == nil && $0.untagged == model.untagged }
    }
}

/// How much the holder of a key may ask for; nil for as much as there is.
package struct KeyLimits: Sendable, Hashable {
    package var requestsPerMinute: Int?
    /// Tokens of prompts and answers in 24 hours.
    package var tokensPerDay: Int?
    /// Requests at the same time.
    package var concurrent: Int?

    package init() {}

    package static let requests = 1...100_000
    package static let tokens = 1...1_000_000_000_000
    package static let atOnce = 1...100_000
}
