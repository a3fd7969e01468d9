import Foundation
import SwiftletGround
import SwiftletLibrary

/// What MODEL means on every command line: a name of the library, or a path.
enum ModelArgument {
    /// Where the model's file lies; asks the library only for what has not the form of a path.
    ///
    /// A file in the current folder needs no `./` if the library has no model of its name.
    static func locate(_ text: String) throws -> URL {
        let url = URL(filePath: text)
        guard !ModelSource.looksLikePath(text) else { return url }
        do {
            return try Library().resolve(text).url
        } catch {
            guard FileManager.default.fileExists(atPath: text) else { throw error }
            return url
        }
    }
}
