public import Foundation
import SwiftletGround
import SwiftletLibrary

/// A folder that gets a deployment's files.
public struct DeploymentFolder: Sendable {
    public let url: URL

    public init(_ url: URL) { self.url = url }

    /// Writes files, each whole or not at all; those that are there with the same content are left as they are.
    ///
    /// Throws `DeploymentError.Code.exists` before it writes any, if some are there with another content and `overwriting` is
    /// false; `LibraryError` for what the disk does not take.
    public func write(_ files: [DeploymentFile], overwriting: Bool) throws {
        let changed = files.filter { (try? Data(contentsOf: place($0))) != Data($0.text.utf8) }
        let others = changed.filter { FileManager.default.fileExists(atPath: place($0).path(percentEncoded: false)) }
        guard others.isEmpty || overwriting else {
            throw DeploymentError(
                .exists, "there is \(others.map(\.path).joined(separator: ", ")) with other content",
                at: url.path(percentEncoded: false), advice: "Choose another --output, or replace them with --force")
        }
        try Files.makeFolder(url)
        for file in changed { try Files.writeAtomically(Data(file.text.utf8), to: place(file)) }
    }

    private func place(_ file: DeploymentFile) -> URL {
        url.appending(path: file.path, directoryHint: .notDirectory)
    }
}
