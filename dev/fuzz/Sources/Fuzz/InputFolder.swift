import Foundation

/// The folder of a checkpoint or an adapter, made of one input: files one after the other, each its name, a newline, its
/// contents and a zero byte. Weights hold zero bytes, so they come last and take all the rest.
enum InputFolder {
    /// Where folders are made: in memory, if the system has such a place.
    static let root: URL = {
        let memory = URL(filePath: "/dev/shm")
        let parent =
            FileManager.default.fileExists(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
        atexit { try? FileManager.default.removeItem(at: InputFolder.path) }
        return parent.appending(path: "swiftlet-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
    }()
    // `atexit` takes no captures.
    private static var path: URL { root }

    private static let url = made(root.appending(path: "input"))
    static let names = [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model",
        "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "chat_template.jinja", "chat_template.json",
        "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "README.md", "adapter_config.json",
        "model.safetensors", "adapter_model.safetensors",
    ]

    /// Makes a folder for files under the names above.
    static func made(_ url: URL) -> URL {
        let inner = url.appending(path: "1_Pooling")
        do { try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true) } catch {
            fatalError("\(inner.path): \(error)")
        }
        return url
    }

    /// Calls `body` with the folder and the names in it; what the last input left behind is gone.
    static func with(_ input: UnsafeRawBufferPointer, _ body: (URL, Set<String>) -> Void) {
        for name in names { unlink(url.appending(path: name).path) }
        var found: Set<String> = []
        var rest = input[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let name = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            let stop = name.hasSuffix(".safetensors") ? rest.endIndex : rest.firstIndex(of: 0) ?? rest.endIndex
            // Any other name could lie anywhere on the disk.
            if names.contains(name) {
                write(UnsafeRawBufferPointer(rebasing: rest[..<stop]), to: url.appending(path: name))
                found.insert(name)
            }
            rest = rest[stop...].dropFirst()
        }
        body(url, found)
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to url: URL) {
        do { try Data(bytes).write(to: url) } catch { fatalError("\(url.path): \(error)") }
    }
}
