import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SwiftletGround

/// A file on a server, and what is known of it before the first byte.
struct RemoteFile: Sendable {
    let url: URL
    /// Its name beside the model's other files.
    let name: String
    var size: Int?
    var sha256: String?
    /// The Hugging Face hub tells size and digest in the redirect to its storage.
    var isOnHub = false
}

/// Brings a remote file into a `PartialFile`: performs what `Transfer` says, hashes, retries, checks.
struct Downloader: Sendable {
    let client: WebClient
    let library: Library
    let report: @Sendable (PullEvent) -> Void

    /// Downloads what is missing; after it, the partial file is whole and has the promised digest. Returns a file that the
    /// library turns out to have: the hub tells digests with its first answer.
    func download(_ file: RemoteFile, into partial: inout PartialFile) async throws -> FetchedFile? {
        var file = file
        var beganWith = partial.count
        var secondTry = false
        while true {
            if let known = try await transfer(&file, into: &partial) { return known }
            report(.verifying(file: file.name))
            try partial.synchronize()
            guard let promised = file.sha256, promised != partial.sha256 else { return nil }
            let arrived = partial.sha256
            try partial.truncate()
            // Bytes of an earlier pull or another mirror may be at fault: once more, from the start.
            guard beganWith > 0, !secondTry else {
                throw LibraryError(
                    .checksum, "its SHA-256 is \(arrived), \(promised) was promised",
                    at: "\(file.name) from \(file.url.place)",
                    advice: "The bad bytes are removed; try again, or another source")
            }
            secondTry = true
            beganWith = 0
        }
    }

    private func transfer(_ file: inout RemoteFile, into partial: inout PartialFile) async throws -> FetchedFile? {
        var pauses = Pauses(client.environment)
        var announced = false
        while true {
            try Task.checkCancellation()
            let saved = partial.saved(Transfer.Saved.self)
            var transfer = Transfer(
                address: file.url.absoluteString, total: file.size, hasDigest: file.sha256 != nil, have: partial.count,
                saved: saved)
            if transfer.isComplete { return nil }
            let before = partial.count
            do {
                let answer = try await client.get(file.url, headers: transfer.requestHeaders)
                if file.isOnHub {
                    try learn(from: answer, &file, &transfer)
                    if let sha256 = file.sha256, let size = Files.size(library.blob(sha256)) {
                        return FetchedFile(name: file.name, size: size, sha256: sha256)
                    }
                }
                switch transfer.receive(status: answer.status, header: answer.header) {
                case .complete: return nil
                case .append: break
                case .startOver: try partial.truncate()
                case .askAgain:
                    try partial.truncate()
                    continue
                case .retry(let seconds, let reason):
                    guard let pause = pauses.next(asked: seconds) else {
                        throw LibraryError(.refused, reason, at: file.url.place, advice: "Try again later")
                    }
                    try await wait(pause, file.name, reason)
                    continue
                case .refuse(let code, let problem, let advice):
                    throw LibraryError(code, problem, at: file.url.place, advice: advice)
                }
                try partial.save(transfer.saved)
                if let total = transfer.total { try Files.requireSpace(total - partial.count, in: library.partial) }
                if !announced {
                    report(.started(file: file.name, totalBytes: transfer.total, resumedAt: partial.count))
                    announced = true
                }
                try await receive(answer, transfer.total, file, into: &partial)
                guard let total = transfer.total, partial.count < total else { return nil }
                throw LibraryError(
                    .network, "the server sent \(partial.count) of \(total) bytes", at: file.url.place,
                    advice: "The same command goes on where this one stopped")
            } catch let error as LibraryError where error.code == .network && error.isTransient {
                if partial.count > before { pauses.reset() }
                guard let pause = pauses.next(asked: nil) else { throw error }
                try await wait(pause, file.name, error.problem)
            }
        }
    }

    /// Streams the body into the file. More bytes than promised are an error before they are written.
    private func receive(
        _ answer: WebClient.Answer, _ total: Int?, _ file: RemoteFile, into partial: inout PartialFile
    ) async throws {
        do {
            for try await buffer in answer.response.body {
                if let total, partial.count + buffer.readableBytes > total {
                    try partial.truncate()
                    throw LibraryError(
                        .checksum, "the server sends more than the \(total) bytes that were promised",
                        at: file.url.place)
                }
                try buffer.withUnsafeReadableBytes { bytes in try partial.append(bytes) }
                report(.progress(file: file.name, bytes: partial.count, totalBytes: total))
            }
        } catch let error where !(error is LibraryError) {
            try Task.checkCancellation()
            throw WebClient.failure(error, host: answer.url.host() ?? "the server")
        }
        try Task.checkCancellation()
    }

    /// Takes size and digest from the hub's own answer, which names them for files in its large-file storage.
    private func learn(from answer: WebClient.Answer, _ file: inout RemoteFile, _ transfer: inout Transfer) throws {
        guard let head = answer.redirects.first,
            let tag = head.first(name: "x-linked-etag")?.trimmingCharacters(in: ["\""]).lowercased(),
            tag.utf8.count == 64, tag.utf8.allSatisfy(\.isHexadecimal)
        else { return }
        let size = head.first(name: "x-linked-size").flatMap { Int($0) }
        if let promised = file.sha256, promised != tag {
            throw LibraryError(
                .checksum, "the hub's file has the SHA-256 \(tag), \(promised) was promised", at: file.url.place,
                advice: "The publisher has replaced the file")
        }
        if file.sha256 == nil {
            // The bytes so far may be of an older file; from now on the digest decides.
            file.sha256 = tag
            transfer.hasDigest = true
        }
        if let size, file.size == nil {
            file.size = size
            transfer.total = size
        }
    }

    private func wait(_ pause: Duration, _ name: String, _ reason: String) async throws {
        let seconds = Double(pause.components.seconds) + Double(pause.components.attoseconds) / 1e18
        report(.retrying(file: name, seconds: seconds, reason: reason))
        try await Task.sleep(for: pause)
    }
}

extension URL {
    /// Host and path, without the query: signed addresses carry keys in it.
    var place: String { (host() ?? "") + path() }
}
