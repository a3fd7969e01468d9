import ArgumentParser
import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles

/// What ADAPTER means on a command line: a GGUF adapter, or the folder of a PEFT adapter.
enum AdapterArgument {
    /// The adapter of a model as a GGUF file would hold it.
    static func open(_ text: String, of model: String) throws -> any TensorSource {
        isFolder(text) ? try converted(text, base: model, type: .f32) : try GGUFFile(URL(filePath: text))
    }

    /// A PEFT adapter for a base that is named.
    static func converted(_ folder: String, base: String?, type: OutputType?) throws -> ConvertedModel {
        guard let base else { throw ValidationError("an adapter needs --base, the model that it is for") }
        guard let type else { throw ValidationError("an adapter is written in f32, f16 or bf16") }
        let adapter = try PEFTAdapter(URL(filePath: folder))
        if isFolder(base) { return try adapter.converted(base: Checkpoint(URL(filePath: base)), to: type) }
        return try adapter.converted(base: GGUFFile(ModelArgument.locateFile(base)), to: type)
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
