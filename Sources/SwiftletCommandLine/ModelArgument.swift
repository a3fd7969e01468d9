import Foundation
import SwiftletGround
import SwiftletLibrary

/// What MODEL means on every command line: a name of the library, or a path.
enum ModelArgument {
    /// The model's GGUF file, for what cannot work on a checkpoint.
    static func locateFile(_ text: String) throws -> URL {
        let url = try locate(text)
        let settings = url.appending(path: "config.json", directoryHint: .notDirectory)
        guard !FileManager.default.fileExists(atPath: settings.path(percentEncoded: false)) else {
            throw CommandError(
                .input, "is a Hugging Face checkpoint, not a GGUF file", at: "model \"\(text)\"",
                advice: "Make one of it: swiftlet convert \(text) --output model.gguf")
        }
        return url
    }

    /// Where the model's file or checkpoint lies; asks the library only for what has not the form of a path.
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
