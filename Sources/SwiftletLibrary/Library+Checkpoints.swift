import Crypto
import Foundation
import SwiftletGround

extension Library {
    /// The folder of links that gives a model of several files its real names; made if it is not there.
    ///
    /// Its name is a hash of names and contents, so copies of a model share it.
    func checkpoint(of files: [Manifest.File]) throws(LibraryError) -> URL {
        let folder = checkpointFolder(of: files)
        if Files.isFolder(folder) { return folder }
        let temporary = checkpoints.appending(path: ".\(getpid())-\(UInt32.random(in: 0 ... .max))")
        for file in files {
            let link = temporary.appending(path: file.name, directoryHint: .notDirectory)
            try Files.makeFolder(link.deletingLastPathComponent())
            // Relative, so that the library can be moved as a whole.
            let depth = file.name.utf8.count { $0 == UInt8(ascii: "/") } + 2
            let target = String(repeating: "../", count: depth) + "blobs/sha256-\(file.sha256)"
            guard symlink(target, link.path(percentEncoded: false)) == 0 else {
                let code = errno
                try? FileManager.default.removeItem(at: temporary)
                throw .storage("cannot be linked", link.path(percentEncoded: false), code)
            }
        }
        guard rename(temporary.path(percentEncoded: false), folder.path(percentEncoded: false)) == 0 else {
            let code = errno
            try? FileManager.default.removeItem(at: temporary)
            // Another process was as quick: the same links are there.
            if Files.isFolder(folder) { return folder }
            throw .storage("cannot be put in its place", folder.path(percentEncoded: false), code)
        }
        return folder
    }

    func checkpointFolder(of files: [Manifest.File]) -> URL {
        var hash = SHA256()
        for file in files.sorted(by: { $0.name < $1.name }) {
            hash.update(data: Array("\(file.name)\n\(file.sha256)\n".utf8))
        }
        let name = String(hash.finalize().hexadecimal.prefix(32))
        return checkpoints.appending(path: name, directoryHint: .notDirectory)
    }
}
