import Foundation
public import SwiftletGround

extension Library {
    /// The built-in catalogue with the user's `catalogue.yaml` added, if there is one; throws if that breaks the rules.
    public func catalogue() throws(LibraryError) -> Catalogue {
        let builtIn = try Catalogue.builtIn()
        let file = home.appending(path: "catalogue.yaml", directoryHint: .notDirectory)
        guard let size = Files.size(file) else { return builtIn }
        let path = file.path(percentEncoded: false)
        guard size <= 4 << 20 else { throw LibraryError(.catalogue, "is larger than 4 MiB", at: path) }
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw LibraryError(.catalogue, "is not UTF-8 text", at: path)
        }
        return builtIn.adding(try Catalogue(yaml: text, at: path))
    }
}
