import Foundation
package import SwiftletGround

/// A download as a value: what to ask the server for, and what its answer means. It performs nothing; `Downloader` does.
///
/// Resuming follows RFC 9110: `Range` with `If-Range`, so that a file that changed comes whole again. If the SHA-256 is
/// known beforehand, `If-Range` is left out: the bytes are checked at the end, and mirrors may continue each other's.
package struct Transfer: Sendable, Equatable {
    /// What is remembered beside a partial file.
    package struct Saved: Codable, Sendable, Equatable {
        package let address: String
        /// A strong ETag, or the Last-Modified date.
        package var validator: String?
        package var total: Int?

        package init(address: String, validator: String?, total: Int?) {
            (self.address, self.validator, self.total) = (address, validator, total)
        }
    }

    package enum Action: Equatable {
        /// The body goes on where the partial file ends.
        case append
        /// The body is the whole file: forget the partial one.
        case startOver
        /// The partial file is whole already.
        case complete
        /// Forget the partial file and ask again.
        case askAgain
        /// Ask again after a pause; of so many seconds if the server said so.
        case retry(seconds: Int?, reason: String)
        case refuse(LibraryError.Code, String, advice: String?)
    }

    package let address: String
    /// The digest is known, so any bytes may be continued.
    package var hasDigest: Bool
    /// Promised by the catalogue, the publisher's list, or the first answer.
    package var total: Int?
    /// Bytes in the partial file.
    package var have: Int
    package var validator: String?

    package init(address: String, total: Int?, hasDigest: Bool, have: Int, saved: Saved?) {
        self.address = address
        self.hasDigest = hasDigest
        let usable = saved?.address == address && saved?.validator != nil
        self.have = hasDigest || usable ? have : 0
        validator = usable ? saved?.validator : nil
        self.total = total ?? (usable ? saved?.total : nil)
        if let total = self.total, self.have > total { self.have = 0 }
    }

    package var saved: Saved { Saved(address: address, validator: validator, total: total) }

    package var isComplete: Bool { have > 0 && have == total }

    /// The headers that ask for what is missing.
    package var requestHeaders: [(name: String, value: String)] {
        guard have > 0 else { return [] }
        let range = (name: "Range", value: "bytes=\(have)-")
        guard !hasDigest, let validator else { return [range] }
        return [range, (name: "If-Range", value: validator)]
    }

    /// Takes in the head of an answer; `header` looks up a field's value by its name in lower case.
    package mutating func receive(status: Int, header: (String) -> String?) -> Action {
        switch status {
        case 200:
            let length = header("content-length").flatMap { Int($0) }
            if let mismatch = checkTotal(length) { return mismatch }
            have = 0
            remember(header)
            total = total ?? length
            return .startOver
        case 206: return receivePartial(header)
        case 416:
            // The range begins at or after the end: all is there if the server names our size, else begin anew.
            let size = Self.parseRange(header("content-range"))?.total
            if have > 0, size == have, total == nil || total == have {
                total = have
                return .complete
            }
            guard have > 0 else { return .refuse(.refused, "the server has no such range (416)", advice: nil) }
            forget()
            return .askAgain
        case 301, 302, 303, 307, 308:
            return .refuse(.refused, "the server redirects to nowhere (\(status))", advice: nil)
        case 408, 425, 429, 500, 502, 503, 504:
            let seconds = header("retry-after").flatMap { Int($0) }.map { min(max($0, 0), 60) }
            let meaning = status == 429 ? "the server asks for fewer requests (429)" : "the server failed (\(status))"
            return .retry(seconds: seconds, reason: meaning)
        default: return Self.refusal(status)
        }
    }

    private mutating func receivePartial(_ header: (String) -> String?) -> Action {
        guard have > 0 else {
            return .refuse(.refused, "the server sends a part of the file, unasked (206)", advice: nil)
        }
        guard let range = Self.parseRange(header("content-range")), range.first == have else {
            forget()
            return .askAgain
        }
        if let new = Self.strongValidator(header), let validator, new != validator, !hasDigest {
            forget()
            return .askAgain
        }
        if let mismatch = checkTotal(range.total) { return mismatch }
        total = total ?? range.total
        return .append
    }

    mutating func forget() {
        have = 0
        validator = nil
    }

    private mutating func remember(_ header: (String) -> String?) {
        validator = Self.strongValidator(header)
    }

    private func checkTotal(_ said: Int?) -> Action? {
        guard let said, let total, said != total else { return nil }
        return .refuse(
            .checksum, "the server has \(said) bytes, \(total) were promised",
            advice: "The publisher has replaced the file, or a proxy answers in its place")
    }

    /// Only these let a server tell that the bytes are the same.
    static func strongValidator(_ header: (String) -> String?) -> String? {
        if let tag = header("etag"), tag.hasPrefix("\""), tag.utf8.count <= 256 { return tag }
        if let date = header("last-modified"), date.utf8.count <= 64 { return date }
        return nil
    }

    /// `bytes 100-199/2000`, `bytes 100-199/*` or `bytes */2000`.
    package static func parseRange(_ text: String?) -> (first: Int?, total: Int?)? {
        guard let text, let space = text.firstIndex(of: " "), text[..<space].lowercased() == "bytes" else { return nil }
        let halves = text[text.index(after: space)...].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let total = Int(halves[1])
        guard total != nil || halves[1] == "*" else { return nil }
        if halves[0] == "*" { return (nil, total) }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], 0 <= first, first <= last,
            total.map({ last < $0 }) ?? true
        else { return nil }
        return (first, total)
    }

    /// What a status that no retry can cure means.
    static func refusal(_ status: Int) -> Action {
        switch status {
        case 401:
            .refuse(
                .refused, "the server wants to know who asks (401)",
                advice: "For a private or gated model set HF_TOKEN to a token of your account; check the name, too")
        case 403:
            .refuse(
                .refused, "the server refuses access (403)",
                advice: "For a gated model accept its licence on the model's page, then set HF_TOKEN")
        case 404, 410: .refuse(.notFound, "the server has no such file (\(status))", advice: "Check the name")
        default: .refuse(.refused, "the server answers with status \(status)", advice: nil)
        }
    }
}
