import Foundation
import SwiftletGround
import SwiftletModelFiles

/// The files of a new folder, which appear in it together: until `commit` they lie in a folder of their own inside it,
/// and without `commit` that is removed.
final class FolderContents {
    private let folder: URL
    private let stage: URL
    /// Whether the folder was not there before.
    private let isNew: Bool
    /// What is in the folder, in the order of writing.
    private var names: [String] = []
    /// What has its final name already.
    private var moved: [URL] = []
    private var isCommitted = false

    /// Throws if the folder holds something, or cannot be made.
    init(_ folder: URL) throws(ConversionError) {
        let manager = FileManager.default
        let path = folder.path(percentEncoded: false)
        var isFolder: ObjCBool = false
        let isThere = manager.fileExists(atPath: path, isDirectory: &isFolder)
        if isThere, !isFolder.boolValue {
            throw ConversionError(.malformed, "is a file", at: path, advice: "Name a new or empty folder")
        }
        let name = ".swiftlet-\(String(UInt64.random(in: .min ... .max), radix: 16)).partial"
        let stage = folder.appending(path: name, directoryHint: .isDirectory)
        do {
            if isThere, try !manager.contentsOfDirectory(atPath: path).isEmpty {
                throw ConversionError(
                    .malformed, "the folder is not empty", at: path, advice: "Name a new or empty folder")
            }
            try manager.createDirectory(at: stage, withIntermediateDirectories: true)
        } catch let error as ConversionError {
            throw error
        } catch {
            throw ConversionError(.cannotRead, "the folder cannot be created", at: path, cause: error)
        }
        (self.folder, self.stage, isNew) = (folder, stage, !isThere)
    }

    /// Removes what was written, unless it was committed.
    deinit {
        guard !isCommitted else { return }
        for url in moved + [stage] { try? FileManager.default.removeItem(at: url) }
        // Nothing goes that somebody else has put there meanwhile.
        if isNew { rmdir(folder.path(percentEncoded: false)) }
    }

    /// Where a file lies until all are there.
    func url(_ name: String) -> URL {
        names.append(name)
        return stage.appending(path: name, directoryHint: .notDirectory)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let url = url(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let file = try FileReplacement(url)
        try file.write(bytes)
        try file.commit()
    }

    /// Throws if the disk has no room for so many bytes now.
    func checkRoom(for byteCount: Int) throws(ModelFileError) {
        try FileReplacement(stage.appending(path: "room")).checkRoom(for: byteCount)
    }

    /// Gives the files their names.
    func commit() throws {
        let manager = FileManager.default
        for name in names {
            let place = folder.appending(path: name, directoryHint: .notDirectory)
            try manager.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try manager.moveItem(at: stage.appending(path: name, directoryHint: .notDirectory), to: place)
            moved.append(place)
        }
        isCommitted = true
        try manager.removeItem(at: stage)
    }
}
