import Foundation
import SwiftletGround

extension Fetcher {
    /// A file or checkpoint folder on this machine; the library gets its own copy, which shares the disk's blocks where
    /// the file system can (Btrfs, XFS, APFS).
    func fetchLocal(_ url: URL, _ order: Order) async throws -> Fetched {
        var files: [(url: URL, name: String)] = []
        if Files.isFolder(url) {
            let paths =
                FileManager.default.enumerator(atPath: url.path(percentEncoded: false))?
                .compactMap { $0 as? String } ?? []
            files = paths.sorted().filter { CheckpointFiles.belongs($0) }
                .map { (url.appending(path: $0, directoryHint: .notDirectory), $0) }
            guard files.contains(where: { $0.name == "config.json" }) else {
                throw LibraryError(
                    .notAModel, "the folder has no config.json", at: url.path(percentEncoded: false),
                    advice: "Name a .gguf file, or a folder with config.json, tokenizer and .safetensors files")
            }
        } else {
            files = try shards(of: url).map { ($0, $0.lastPathComponent) }
            let role = Manifest.Role(fileName: url.lastPathComponent, contentsOf: url)
            guard role == .model || order.sha256 != nil else {
                throw LibraryError(
                    .notAModel, "is not a GGUF file", at: url.path(percentEncoded: false),
                    advice: "Other formats have to be converted first")
            }
        }
        var fetched: [FetchedFile] = []
        for file in files { fetched.append(try await copy(file.url, file.name, sha256: order.sha256)) }
        return Fetched(files: fetched, source: order.source)
    }

    private func shards(of url: URL) throws(LibraryError) -> [URL] {
        guard let match = url.lastPathComponent.firstMatch(of: /-(\d{5})-of-(\d{5})\.gguf$/),
            let count = Int(match.2), (1...1000).contains(count)
        else { return [url] }
        let stem = url.lastPathComponent[..<match.range.lowerBound]
        return (1...count).map { index in
            let number = String(format: "%05d", index)
            return url.deletingLastPathComponent().appending(path: "\(stem)-\(number)-of-\(match.2).gguf")
        }
    }

    private func copy(_ source: URL, _ name: String, sha256: String?) async throws -> FetchedFile {
        let path = source.path(percentEncoded: false)
        guard let size = Files.size(source) else { throw LibraryError(.notFound, "there is no such file", at: path) }
        // What a killed copy left may be of an older version; copying again is quick.
        return try await keep(name: name, key: "file:\(path)", resumes: false) { partial in
            try partial.truncate()
            report(.started(file: name, totalBytes: size, resumedAt: 0))
            let input = open(path, O_RDONLY | O_CLOEXEC)
            guard input >= 0 else { throw LibraryError.storage("cannot be opened", path, errno) }
            defer { close(input) }
            if try !partial.clone(from: input) {
                try Files.requireSpace(size, in: library.partial)
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
                defer { buffer.deallocate() }
                while true {
                    try Task.checkCancellation()
                    let count = read(input, buffer.baseAddress, buffer.count)
                    if count < 0, errno == EINTR { continue }
                    guard count >= 0 else { throw LibraryError.storage("cannot be read", path, errno) }
                    if count == 0 { break }
                    try partial.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    report(.progress(file: name, bytes: partial.count, totalBytes: size))
                }
            }
            if let sha256, sha256 != partial.sha256 {
                let arrived = partial.sha256
                try partial.truncate()
                throw LibraryError(.checksum, "its SHA-256 is \(arrived), \(sha256) was promised", at: path)
            }
            return nil
        }
    }
}

extension PartialFile {
    /// Shares the blocks of another file instead of copying them; false where the file system cannot.
    fileprivate mutating func clone(from input: Int32) throws(LibraryError) -> Bool {
        #if os(Linux)
        let ficlone: UInt = 0x4004_9409  // _IOW(0x94, 9, int), linux/fs.h
        guard control(ficlone, input) == 0 else { return false }
        try refresh()
        return true
        #else
        return false
        #endif
    }
}
