import Foundation
import SwiftletLibrary
import SwiftletModelFiles

/// The model that a command quantizes: a .gguf file, or a model of the library.
struct QuantizeInput {
    let source: any TensorSource
    let url: URL
    /// In the library, where it is one of its models.
    let name: ModelName?
    let manifest: Manifest?

    init(_ text: String) throws {
        do {
            let location = try Library().resolve(text)
            (url, name, manifest) = (location.url, location.name, location.manifest)
        } catch {
            // A file in the current folder needs no `./`.
            guard !ModelSource.looksLikePath(text), FileManager.default.fileExists(atPath: text) else { throw error }
            (url, name, manifest) = (URL(filePath: text), nil, nil)
        }
        source = try GGUFFile(url)
    }

    /// What the model is called: its name in the library, or its file's name without its ending.
    var title: String { name?.description ?? url.deletingPathExtension().lastPathComponent }
}
