import Foundation
import SwiftletModels
import SwiftletTensors

extension PrefixKey {
    /// Raised when the arithmetic of keys and values or the layout of a page changes.
    private static let version = 1
    /// Bytes of each place where a model file is looked at, and how many places.
    private static let sample = (bytes: 4096, places: 64)

    /// What a page's contents depend on besides the tokens: the model's files, how the model was opened, the engine's
    /// arithmetic and the layout.
    ///
    /// Files are known by size, time of change and samples spread over them: a digest of gigabytes would take longer than the
    /// prompts that are saved. Nil if they cannot be read.
    static func identity(_ model: LanguageModel, _ options: EngineOptions, _ layout: PageLayout) -> PrefixKey? {
        var digest = SHA256()
        digest.update("swiftlet prefix".utf8)
        digest.update(version)
        for text in ["\(options.arithmetic)", "\(model.options.slidingWindow)", layout.type.rawValue] {
            digest.update(text.utf8)
            digest.update([0])
        }
        // Some models choose their rotations by it.
        digest.update(model.contextLength)
        for number in [layout.positions, layout.shape.layerCount, layout.keyBytes, layout.valueBytes] {
            digest.update(number)
        }
        for url in model.urls {
            guard let file = try? FileHandle(forReadingFrom: url) else { return nil }
            defer { try? file.close() }
            var status = stat()
            guard fstat(file.fileDescriptor, &status) == 0 else { return nil }
            let size = Int(status.st_size)
            digest.update(size)
            #if os(Linux)
            let changed = status.st_mtim
            #else
            let changed = status.st_mtimespec
            #endif
            digest.update(changed.tv_sec)
            digest.update(changed.tv_nsec)
            for place in 0..<sample.places {
                var bytes = [UInt8](repeating: 0, count: sample.bytes)
                let offset = max(0, size - sample.bytes) / (sample.places - 1) * place
                let count = pread(file.fileDescriptor, &bytes, bytes.count, off_t(offset))
                guard count >= 0 else { return nil }
                digest.update(bytes.prefix(count))
            }
        }
        return PrefixKey(bytes: digest.finish())
    }
}
