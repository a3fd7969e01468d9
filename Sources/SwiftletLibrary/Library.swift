public import Foundation
public import SwiftletGround

/// The models on this machine: blobs by content, manifests by name.
///
///     HOME/blobs/sha256-HEX        a file's bytes, never changed
///     HOME/manifests/NAME/TAG.json which blobs a name means (also OWNER/NAME/TAG.json)
///     HOME/checkpoints/HEX/        links with real names, for models of several files
///     HOME/partial/                downloads under way, taken up again by the next pull
///     HOME/catalogue.yaml          the user's own additions to the catalogue
///
/// Readers take no lock: blobs and manifests appear and vanish whole, by rename and unlink. Whoever adds or removes
/// names holds `library.lock` for that moment.
public struct Library: Sendable {
    public let environment: LibraryEnvironment
    public let home: URL

    /// Opens the library; folders are made by the first pull, so that reading needs no rights to write.
    ///
    /// Throws `storage` if something else lies where the library should.
    public init(_ environment: LibraryEnvironment = LibraryEnvironment()) throws(LibraryError) {
        self.environment = environment
        home = environment.home
        // Without the slash at a folder's end, which would hide a file of that name.
        guard Files.size(URL(filePath: home.path, directoryHint: .notDirectory)) == nil else {
            throw LibraryError(
                .storage, "is a file, not the library's folder", at: home.path(percentEncoded: false),
                advice: "Set SWIFTLET_HOME to another folder")
        }
    }

    /// Makes the folders that are not there; who writes calls it first.
    func prepare() throws(LibraryError) {
        for folder in [blobs, manifests, checkpoints, partial] where !Files.isFolder(folder) {
            try Files.makeFolder(folder)
        }
    }

    var blobs: URL { home.appending(path: "blobs", directoryHint: .isDirectory) }
    var manifests: URL { home.appending(path: "manifests", directoryHint: .isDirectory) }
    var checkpoints: URL { home.appending(path: "checkpoints", directoryHint: .isDirectory) }
    var partial: URL { home.appending(path: "partial", directoryHint: .isDirectory) }
    var lock: URL { home.appending(path: "library.lock", directoryHint: .notDirectory) }

    /// Where the bytes of a SHA-256 are kept.
    func blob(_ sha256: String) -> URL {
        blobs.appending(path: "sha256-\(sha256)", directoryHint: .notDirectory)
    }

    func manifestFile(_ name: ModelName) -> URL {
        manifests.appending(
            path: "\(name.untagged)/\(name.tag ?? ModelName.defaultTag).json", directoryHint: .notDirectory)
    }
}
