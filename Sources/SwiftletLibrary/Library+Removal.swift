import Foundation
public import SwiftletGround

extension Library {
    /// Removes a name, and every blob that no other name uses; returns the name and the bytes set free.
    ///
    /// A manifest that cannot be read can be removed too; blobs are then kept until all manifests can be read again,
    /// because nobody knows whose they are.
    @discardableResult
    public func remove(_ name: ModelName) throws(LibraryError) -> (name: ModelName, freed: Int) {
        try prepare()
        let held = try FileLock.lockBriefly(lock)
        defer { withExtendedLifetime(held) {} }
        let full = try installedName(name)
        let manifest = try? manifest(ifPresent: full)
        let file = manifestFile(full).path(percentEncoded: false)
        guard unlink(file) == 0 else { throw .storage("cannot be removed", file, errno) }
        Files.synchronizeFolder(of: file)
        removeEmptyFolders(from: manifestFile(full).deletingLastPathComponent())
        return (full, manifest.map { removeWhatNothingUses($0.files) } ?? 0)
    }

    /// Removes the blobs of files that turned out to be no model, unless a name uses them.
    func removeUnused(_ files: [Manifest.File]) {
        guard let held = try? FileLock.lockBriefly(lock) else { return }
        defer { withExtendedLifetime(held) {} }
        _ = removeWhatNothingUses(files)
    }

    /// Under the library's lock: unlinks blobs and links of files that no manifest names; returns the bytes set free.
    private func removeWhatNothingUses(_ files: [Manifest.File]) -> Int {
        guard let used = usedBlobs() else { return 0 }
        var freed = 0
        for file in files where !used.blobs.contains(file.sha256) {
            let path = blob(file.sha256)
            let size = Files.size(path) ?? 0
            if unlink(path.path(percentEncoded: false)) == 0 { freed += size }
        }
        let folder = checkpointFolder(of: files)
        if !used.checkpoints.contains(folder.lastPathComponent) { try? FileManager.default.removeItem(at: folder) }
        return freed
    }

    /// Gives a model a second name; the files are shared. An existing name is replaced.
    @discardableResult
    public func copy(_ source: ModelName, to target: ModelName) throws(LibraryError) -> (ModelName, ModelName) {
        try prepare()
        let held = try FileLock.lockBriefly(lock)
        defer { withExtendedLifetime(held) {} }
        var manifest = try manifest(source)
        let from = try ModelName(manifest.name)
        let to = target.tagged()
        _ = try location(of: manifest)
        manifest.name = to.description
        try write(manifest, as: to)
        return (from, to)
    }

    /// Removes what no name needs: blobs, links, and unfinished downloads that nobody works on; returns the bytes set free.
    ///
    /// A pull that is under way loses at most files that it then fetches again.
    public func removeUnused() throws(LibraryError) -> Int {
        try prepare()
        let held = try FileLock.lockBriefly(lock)
        defer { withExtendedLifetime(held) {} }
        guard let used = usedBlobs() else {
            throw LibraryError(
                .manifest, "a manifest cannot be read, so nobody knows what is unused",
                at: manifests.path(percentEncoded: false),
                advice: "`swiftlet list` names it; remove it with `swiftlet rm`")
        }
        var freed = 0
        for url in Self.entries(blobs) where !used.blobs.contains(String(url.lastPathComponent.dropFirst(7))) {
            let size = Files.size(url) ?? 0
            if unlink(url.path(percentEncoded: false)) == 0 { freed += size }
        }
        for url in Self.entries(checkpoints) where !used.checkpoints.contains(url.lastPathComponent) {
            try? FileManager.default.removeItem(at: url)
        }
        for url in Self.entries(partial) where url.pathExtension == "data" {
            let stem = url.deletingPathExtension()
            guard let idle = try FileLock.tryLock(stem.appendingPathExtension("lock")) else { continue }
            freed += Files.size(url) ?? 0
            for part in ["data", "json", "wheel"] {
                try? FileManager.default.removeItem(at: stem.appendingPathExtension(part))
            }
            withExtendedLifetime(idle) {}
        }
        return freed + (try removeIdleStages())
    }

    private static func entries(_ folder: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return names.map { folder.appending(path: $0, directoryHint: .notDirectory) }
    }

    func write(_ manifest: Manifest, as name: ModelName) throws(LibraryError) {
        let file = manifestFile(name)
        try Files.makeFolder(file.deletingLastPathComponent())
        try Files.writeAtomically(try manifest.json(), to: file)
    }

    /// What the readable manifests use; nil if one cannot be read.
    private func usedBlobs() -> (blobs: Set<String>, checkpoints: Set<String>)? {
        let (manifests, damaged) = models()
        guard damaged.isEmpty else { return nil }
        return (
            Set(manifests.flatMap { $0.files.map(\.sha256) }),
            Set(manifests.map { checkpointFolder(of: $0.files).lastPathComponent })
        )
    }

    private func removeEmptyFolders(from folder: URL) {
        // rmdir refuses a folder that is not empty, which is the wanted end.
        var path = folder
        while path.path(percentEncoded: false).utf8.count > manifests.path(percentEncoded: false).utf8.count,
            rmdir(path.path(percentEncoded: false)) == 0
        {
            path = path.deletingLastPathComponent()
        }
    }
}
