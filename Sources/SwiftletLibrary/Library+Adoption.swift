import Crypto
public import Foundation
public import SwiftletGround

extension Library {
    /// A folder on the library's disk for files under way, which `adopt` then takes in without copying them.
    public func makeStage() throws(LibraryError) -> LibraryStage {
        try prepare()
        return try LibraryStage(in: stages)
    }

    var stages: URL { home.appending(path: "stages", directoryHint: .isDirectory) }

    /// Puts finished GGUF files of one model, which lie in a stage, under a name: they become the library's.
    ///
    /// `source` says in the manifest what the model was made of. An earlier model of that name is replaced. Throws
    /// `notAModel` for files that cannot be read.
    @discardableResult
    public func adopt(
        _ urls: [URL], as name: ModelName, source: String, license: String? = nil
    ) throws(LibraryError) -> Manifest {
        precondition(!urls.isEmpty, "a model without files")
        try prepare()
        let facts = try ModelFacts(gguf: urls[0], named: urls[0].lastPathComponent)
        var files: [Manifest.File] = []
        for url in urls {
            var hash = SHA256()
            let size = try Files.hash(url, into: &hash)
            let name = url.lastPathComponent
            files.append(
                Manifest.File(
                    role: .init(fileName: name, contentsOf: url), name: name, size: size,
                    sha256: hash.finalize().hexadecimal))
        }
        let manifest = Manifest(
            name: name.tagged().description, source: source, pulled: Date(), license: license, files: files,
            facts: facts)
        // Under the lock, so that nobody takes a blob for unused before its name is there.
        let held = try FileLock.lockBriefly(lock)
        defer { withExtendedLifetime(held) {} }
        for (url, file) in zip(urls, files) {
            let path = url.path(percentEncoded: false)
            chmod(path, 0o444)
            try Files.rename(path, to: blob(file.sha256).path(percentEncoded: false))
        }
        if files.count > 1 { _ = try checkpoint(of: files) }
        try write(manifest, as: name)
        return manifest
    }

    /// Removes stages that nobody works in, which killed programs leave; returns the bytes set free.
    func removeIdleStages() throws(LibraryError) -> Int {
        var freed = 0
        let names = (try? FileManager.default.contentsOfDirectory(atPath: stages.path(percentEncoded: false))) ?? []
        for name in names where !name.hasSuffix(LibraryStage.lockSuffix) {
            let folder = stages.appending(path: name, directoryHint: .isDirectory)
            guard let idle = try FileLock.tryLock(LibraryStage.lock(of: folder)) else { continue }
            for file in (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
            {
                freed += Files.size(folder.appending(path: file, directoryHint: .notDirectory)) ?? 0
            }
            try? FileManager.default.removeItem(at: folder)
            withExtendedLifetime(idle) {}
        }
        return freed
    }
}

/// A folder for files under way; removed, with what is left in it, with the object.
public final class LibraryStage: Sendable {
    public let url: URL
    private let held: FileLock

    static let lockSuffix = ".lock"

    static func lock(of folder: URL) -> URL {
        folder.deletingLastPathComponent().appending(
            path: folder.lastPathComponent + lockSuffix, directoryHint: .notDirectory)
    }

    init(in folder: URL) throws(LibraryError) {
        url = folder.appending(path: UUID().uuidString, directoryHint: .isDirectory)
        try Files.makeFolder(folder)
        guard let lock = try FileLock.tryLock(Self.lock(of: url)) else {
            throw LibraryError(.storage, "is held by another process", at: url.path(percentEncoded: false))
        }
        held = lock
        try Files.makeFolder(url)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
