import Foundation
import SwiftletConversion
import SwiftletLibrary
import SwiftletModelFiles

/// The model that a command quantizes: a .gguf file, a model of the library, or a checkpoint's folder, which is converted
/// on the way.
struct QuantizeInput {
    let source: any TensorSource
    let url: URL
    /// In the library, where it is one of its models.
    let name: ModelName?
    let manifest: Manifest?

    init(_ text: String) throws {
        if FileManager.default.fileExists(atPath: text + "/config.json") {
            (url, name, manifest) = (URL(filePath: text, directoryHint: .isDirectory), nil, nil)
            // All that the checkpoint says; types are the quantizer's affair.
            source = try Checkpoint(url).converted(to: .f32)
            return
        }
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

    /// What the model is called: its name in the library, its file's name without its ending, or its folder's.
    var title: String {
        if let name { return name.description }
        return url.hasDirectoryPath ? url.lastPathComponent : url.deletingPathExtension().lastPathComponent
    }
}
