public import Foundation
public import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// A Hugging Face checkpoint: a folder with `config.json`, safetensors files, and the files of a tokenizer.
///
/// Opening reads `config.json` and the headers of the weights only.
public struct Checkpoint: Sendable {
    public let folder: URL
    let configuration: CheckpointConfiguration
    private let files: [SafetensorsFile]
    private let listed: Set<ByteString>

    /// Opens a folder. Throws if it has no `config.json`, no safetensors files, or one of them is missing or damaged.
    public init(_ folder: URL) throws(ConversionError) {
        self.folder = folder
        guard let json = try Self.json(named: "config.json", in: folder) else {
            throw ConversionError(
                .missing, "the folder has no config.json", at: folder.path(percentEncoded: false),
                advice: "Name the folder of a Hugging Face checkpoint")
        }
        configuration = try CheckpointConfiguration(json)
        do {
            let weights = try SafetensorsCheckpoint(folder)
            files = weights.files.sorted { ByteString($0.url.lastPathComponent) < ByteString($1.url.lastPathComponent) }
            listed = Set(weights.tensors.map { ByteString($0.name) })
        } catch {
            throw ConversionError(error)
        }
    }

    /// Settings without weights, for what is not a model of its own.
    init(_ folder: URL, _ configuration: CheckpointConfiguration) {
        (self.folder, self.configuration, files, listed) = (folder, configuration, [], [])
    }

    /// The files that weights are read from.
    var urls: [URL] { files.map(\.url) }

    /// The weights in the reference converter's order: file by file, in each by name.
    var tensors: [SafetensorsTensor] {
        files.flatMap { file in
            file.tensors.filter { listed.contains(ByteString($0.name)) }
                .sorted { ByteString($0.name) < ByteString($1.name) }
        }
    }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// A JSON file of the folder; nil if it is not there. Throws if it cannot be read or is no JSON.
    func json(_ name: String) throws(ConversionError) -> JSONValue? { try Self.json(named: name, in: folder) }

    /// A file of the folder, mapped; nil if it is not there.
    func file(_ name: String) throws(ConversionError) -> MappedFile? { try Self.file(named: name, in: folder) }

    /// A text file of the folder; nil if it is not there.
    func text(_ name: String) throws(ConversionError) -> String? { try Self.text(named: name, in: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

    static func file(named name: String, in folder: URL) throws(ConversionError) -> MappedFile? {
        let url = folder.appending(path: name)
        guard FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) else { return nil }
        do { return try MappedFile(url) } catch { throw ConversionError(error) }
    }

    static func text(named name: String, in folder: URL) throws(ConversionError) -> String? {
        guard let file = try file(named: name, in: folder) else { return nil }
        guard let text = file.withBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw ConversionError(.malformed, "is not UTF-8", at: file.url.path(percentEncoded: false))
        }
        return text
    }

    static func json(named name: String, in folder: URL) throws(ConversionError) -> JSONValue? {
        guard let file = try file(named: name, in: folder) else { return nil }
        do throws(JSONError) {
            return try file.withBytes { (bytes) throws(JSONError) in try JSONValue(parsing: bytes) }
        } catch {
            throw ConversionError(error, .malformed).within(file.url.path(percentEncoded: false))
        }
    }
}
