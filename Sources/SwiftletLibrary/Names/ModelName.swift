public import SwiftletGround

/// A model's name in the library: `smollm2:135m`, `smollm2` or `owner/name:tag`.
///
/// Upper-case letters fold to lower case, so that a library means the same on file systems that ignore case. Each part
/// holds `a-z 0-9 . _ -`, begins with a letter or digit, and has at most 96 bytes, so no name can leave its folder.
public struct ModelName: Hashable, Sendable {
    public let owner: String?
    public let family: String
    /// Nil if the text had none: `Library` then looks for the one that is there, `pull` for the one that fits.
    public let tag: String?

    /// The tag of a model that was given a name without one.
    public static let defaultTag = "latest"

    /// Throws `LibraryError.name` if the text breaks the rules above.
    public init(_ text: String) throws(LibraryError) {
        func part(_ part: Substring, _ what: String) throws(LibraryError) -> String {
            do {
                return try Self.checked(part)
            } catch {
                throw LibraryError(
                    .name, "its \(what) \(error.problem)", at: "model name \"\(text.shortened)\"", advice: Self.advice)
            }
        }
        let colon = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let path = colon[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        owner = path.count == 2 ? try part(path[0], "owner") : nil
        family = try part(path[path.count - 1], "name")
        tag = colon.count == 2 ? try part(colon[1], "tag") : nil
    }

    package init(owner: String?, family: String, tag: String?) {
        self.owner = owner
        self.family = family
        self.tag = tag
    }

    /// The same model with a tag, unless it has one.
    package func tagged(_ tag: String = Self.defaultTag) -> Self {
        self.tag == nil ? Self(owner: owner, family: family, tag: tag) : self
    }

    /// The owner and family: `smollm2`, `owner/name`.
    package var untagged: String { owner.map { "\($0)/\(family)" } ?? family }

    /// A part of a name made of any text (a file's or repository's name): other characters become `-`.
    package static func part(of text: some StringProtocol) -> String {
        let bytes = text.utf8.map { isAllowed(lowered($0)) ? lowered($0) : UInt8(ascii: "-") }
        let trimmed = String(decoding: bytes.prefix(96).drop { !isAlphanumeric($0) }, as: UTF8.self)
        return (try? checked(trimmed[...])) ?? "model"
    }

    private static let advice =
        "Names look like smollm2:135m or owner/name:tag: letters, digits, '.', '_' and '-'; "
        + "a file is named by a path that ends in .gguf or begins with ./ or /"

    private static func checked(_ part: Substring) throws(LibraryError) -> String {
        guard let first = part.utf8.first else { throw LibraryError(.name, "is empty") }
        guard part.utf8.count <= 96 else { throw LibraryError(.name, "is longer than 96 bytes") }
        guard part.utf8.allSatisfy({ isAllowed(lowered($0)) }) else {
            throw LibraryError(.name, "holds a character that is not allowed")
        }
        guard isAlphanumeric(lowered(first)) else {
            throw LibraryError(.name, "does not begin with a letter or digit")
        }
        let folded = part.lowercased()
        // Manifests end in .json and lie beside folders of names; model files end in .gguf and are paths.
        guard !folded.hasSuffix(".json"), !folded.hasSuffix(".gguf"), !folded.hasSuffix(".") else {
            throw LibraryError(.name, "ends like a file's")
        }
        return folded
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte)
    }
    private static func isAllowed(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || [45, 46, 95].contains(byte) }
}

extension ModelName: CustomStringConvertible, Comparable {
    public var description: String { tag.map { "\(untagged):\($0)" } ?? untagged }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

extension StringProtocol {
    /// At most 80 characters, without control characters: text from outside that goes into an error.
    var shortened: String {
        let printable = unicodeScalars.prefix(81).map { $0.value < 32 || $0.value == 127 ? " " : Character($0) }
        return printable.count > 80 ? String(printable.prefix(79)) + "…" : String(printable)
    }
}
