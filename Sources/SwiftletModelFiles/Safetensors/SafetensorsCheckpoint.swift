public import Foundation
public import SwiftletGround
import SwiftletTensors

/// All tensors of a Hugging Face checkpoint: one safetensors file, or several with an index.
public struct SafetensorsCheckpoint: Sendable {
    /// The index's name in a checkpoint's folder.
    public static let indexName = "model.safetensors.index.json"

    public let files: [SafetensorsFile]
    /// The tensors, in the order of the index, or of the one file.
    public let tensors: [SafetensorsTensor]

    private let places: [ByteString: Int]

    /// Opens a `.safetensors` file, a `.safetensors.index.json`, or a folder with one of them (an index first, then
    /// `model.safetensors`, then a single file of any name). Throws if a file or a tensor of the index is missing.
    public init(_ url: URL) throws(ModelFileError) {
        let path = url.path(percentEncoded: false)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ModelFileError(.cannotRead, "there is no such file or folder", at: path)
        }
        let source = isFolder.boolValue ? try Self.source(in: url) : url
        if source.pathExtension == "json" {
            try self.init(index: source)
        } else {
            let file = try SafetensorsFile(source)
            self.init([file], file.tensors)
        }
    }

    /// The tensor of that name, where it lies; nil if there is none.
    public func tensor(named name: String) -> SafetensorsTensor? {
        places[ByteString(name)].map { tensors[$0] }
    }

    private init(_ files: [SafetensorsFile], _ tensors: [SafetensorsTensor]) {
        self.files = files
        self.tensors = tensors
        places = Dictionary(tensors.enumerated().map { (ByteString($1.name), $0) }) { _, last in last }
    }

    private init(index url: URL) throws(ModelFileError) {
        let place = url.path(percentEncoded: false)
        let map: [(tensor: String, file: String)]
        do { map = try Self.weightMap(url) } catch { throw error.within(place) }
        var files: [SafetensorsFile] = []
        var opened: [ByteString: SafetensorsFile] = [:]
        var tensors: [SafetensorsTensor] = []
        for (tensorName, fileName) in map {
            let file: SafetensorsFile
            if let known = opened[ByteString(fileName)] {
                file = known
            } else {
                file = try SafetensorsFile(url.deletingLastPathComponent().appending(path: fileName))
                opened[ByteString(fileName)] = file
                files.append(file)
            }
            guard let tensor = file.tensor(named: tensorName) else {
                throw ModelFileError(
                    .shards, "the index says that the tensor is in \(fileName), but it is not",
                    at: "\(place), tensor \(tensorName)")
            }
            tensors.append(tensor)
        }
        self.init(files, tensors)
    }

    /// The tensors and their files as the index lists them.
    private static func weightMap(_ url: URL) throws(ModelFileError) -> [(tensor: String, file: String)] {
        let index: JSONValue
        let file = try MappedFile.open(url)
        do {
            index = try file.withBytes { (bytes) throws(JSONError) in try JSONValue(parsing: bytes, maximumDepth: 32) }
        } catch {
            throw ModelFileError(.malformed, "is not JSON: \(error.problem)", at: error.place)
        }
        guard let map = index["weight_map"]?.object else { throw ModelFileError(.malformed, "has no weight_map") }
        var entries: [(String, String)] = []
        for member in map {
            // A name with folders could point anywhere on the disk.
            guard let file = member.value.string, !file.isEmpty, file != ".", file != "..", !file.utf8.contains(0),
                !file.utf8.contains(UInt8(ascii: "/"))
            else {
                throw ModelFileError(
                    .malformed, "\(member.value) is no plain file name", at: "weight_map, tensor \(member.key)")
            }
            entries.append((member.key, file))
        }
        return entries
    }

    private static func source(in folder: URL) throws(ModelFileError) -> URL {
        let path = folder.path(percentEncoded: false)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in [indexName, "model.safetensors"] where names.contains(name) { return folder.appending(path: name) }
        let others = names.filter { $0.hasSuffix(".safetensors") }.sorted()
        guard others.count == 1 else {
            let found = others.isEmpty ? "no safetensors file" : "several safetensors files and no index"
            throw ModelFileError(
                .missing, "the folder holds \(found)", at: path,
                advice: "A checkpoint is model.safetensors, or its parts with \(indexName)")
        }
        return folder.appending(path: others[0])
    }
}
