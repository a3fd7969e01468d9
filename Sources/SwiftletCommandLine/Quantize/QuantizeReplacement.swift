import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletModelFiles

/// The end of an original that a verified smaller model replaces.
struct QuantizeReplacement {
    let input: QuantizeInput

    init(_ input: QuantizeInput) { self.input = input }

    /// Removes the original's files, or its name and what only it uses in the library.
    func remove() throws {
        if let name = input.name {
            _ = try Library().remove(name)
            return
        }
        for url in input.source.urls {
            do {
                try FileManager.default.removeItem(at: url)
            } catch {
                throw CommandError(.file, "cannot be removed", at: url.path(percentEncoded: false), cause: error)
            }
        }
    }
}
