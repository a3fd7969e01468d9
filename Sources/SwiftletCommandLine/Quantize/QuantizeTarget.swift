import Foundation
import SwiftletLibrary
import SwiftletQuantizer

/// Where a quantized model goes.
enum QuantizeTarget {
    case file(URL)
    /// Into the library, under this name.
    case library(ModelName)

    /// What OUTPUT means: a path if it looks like one, else a name of the library.
    init(_ text: String) throws {
        self = ModelSource.looksLikePath(text) ? .file(URL(filePath: text)) : .library(try ModelName(text))
    }

    /// Where the quantized form of a model goes if nobody says: beside its file, or under a tag of its name.
    ///
    /// `smollm2:135m-f16` in Q4_K_M becomes `smollm2:135m-q4_k_m`, `SmolLM2-F16.gguf` becomes `SmolLM2-Q4_K_M.gguf`.
    init(_ type: FileType, of input: QuantizeInput, in folder: URL? = nil) {
        if let name = input.name, folder == nil {
            let kept = (name.tag ?? ModelName.defaultTag).withoutQuantization
            let tag = kept.isEmpty || kept == ModelName.defaultTag ? type.name : "\(kept)-\(type.name)"
            self = .library(ModelName(owner: name.owner, family: name.family, tag: tag.lowercased()))
        } else {
            let title = input.name.map { "\($0.family)-\($0.tag ?? "")" } ?? input.title
            let stem = title.withoutQuantization
            self = .file(
                (folder ?? input.url.deletingLastPathComponent()).appending(
                    path: "\(stem.isEmpty ? "model" : stem)-\(type.name).gguf", directoryHint: .notDirectory))
        }
    }
}

extension String {
    /// Without the label of a quantization at its end, and what joins it: `135m-q8_0`, `Model.Q4_1`.
    fileprivate var withoutQuantization: String {
        guard let label = Quantization.label(in: self), uppercased().hasSuffix(label) else { return self }
        return String(dropLast(label.count)).trimmingSuffix { "-._".contains($0) }
    }

    private func trimmingSuffix(_ isPart: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isPart(last) { text.removeLast() }
        return text
    }
}
