import Foundation
import SwiftletConversion
import SwiftletLibrary
import SwiftletModelFiles

/// The model that a command quantizes: a .gguf file, a model of the library, or a checkpoint's folder, which is converted
/// on the way.
struct QuantizeInput {
    let source: any TensorSource
    /// Whether it is a folder of many files, converted on the way.
    let isCheckpoint: Bool
    let url: URL
    /// In the library, where it is one of its models.
    let name: ModelName?
    let manifest: Manifest?

    init(_ text: String) throws {
        do {
            let location = try Library().resolve(text)
            (url, name, manifest) = (location.url, location.name, location.manifest)
        } catch {
            // What lies in the current folder needs no `./`.
            guard !ModelSource.looksLikePath(text), FileManager.default.fileExists(atPath: text) else { throw error }
            (url, name, manifest) = (URL(filePath: text), nil, nil)
        }
        let settings = url.appending(path: "config.json", directoryHint: .notDirectory)
        isCheckpoint = FileManager.default.fileExists(atPath: settings.path(percentEncoded: false))
        // All that the checkpoint says; types are the quantizer's affair.
        source = isCheckpoint ? try Checkpoint(url).converted(to: .f32) : try GGUFFile(url)
    }

    /// What the model is called: its name in the library, its file's name without its ending, or its folder's.
    var title: String {
        if let name { return name.description }
        return isCheckpoint ? url.lastPathComponent : url.deletingPathExtension().lastPathComponent
    }
}
