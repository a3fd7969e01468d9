import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// The fixtures of this target (Tests/Fixtures/conversion) and the shared conformance data.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/conversion").standardized

    static let checkpoints = json("checkpoints.json")
    static let adapters = json("adapters.json")

    static var names: [String] { checkpoints.object.map { Array($0.keys) } ?? [] }

    private static func json(_ name: String) -> JSONValue {
        (try? JSONValue(parsing: Data(contentsOf: folder.appending(path: name)))) ?? .null
    }

    static let shared: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared").standardized
    }()

    static var hasShared: Bool {
        FileManager.default.fileExists(atPath: shared.appending(path: "conformance/README.md").path)
    }

    /// The checkpoint of all-MiniLM-L6-v2, unpacked: too large to keep here.
    static let miniLM: URL? = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MINILM"].map { URL(filePath: $0) }
}

/// A folder that is gone when the tests are over.
struct TemporaryFolder {
    let url: URL

    private static let root: URL = {
        atexit { try? FileManager.default.removeItem(at: TemporaryFolder.path) }
        return path
    }()
    private static let path = FileManager.default.temporaryDirectory.appending(
        path: "conversion-tests-\(ProcessInfo.processInfo.processIdentifier)")

    init() throws {
        url = Self.root.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func file(_ name: String) -> URL { url.appending(path: name) }
}

/// The tiny checkpoints of `make-checkpoints.py`, made again.
struct TinyCheckpoint {
    let name: String
    let folder: TemporaryFolder
    var url: URL { folder.file("tiny-\(name)") }

    /// `settings` go over those of `config.json`; `change` may drop tensors or change their shapes; `extra` comes from
    /// a file.
    init(
        _ name: String, settings: JSONObject = [:], extra: SafetensorsFile? = nil,
        change: (String, [Int]) -> [Int]? = { $1 }
    ) throws {
        self.name = name
        folder = try TemporaryFolder()
        let description = try #require(Fixtures.checkpoints[name])
        let tokenizer = try #require(description["tokenizer"]?.string)
        try FileManager.default.copyItem(at: Fixtures.folder.appending(path: "tok-\(tokenizer)"), to: url)
        var config = try #require(description["config"]?.object)
        for member in settings { config[member.key] = member.value }
        try Data(config.text().utf8).write(to: url.appending(path: "config.json"))
        if let generation = description["generation"], !generation.isNull {
            try Data(generation.text().utf8).write(to: url.appending(path: "generation_config.json"))
        }
        let type = try #require(SafetensorsType(rawValue: description["dtype"]?.string ?? ""))
        try TinyWeights.write(
            description["tensors"], type, to: url.appending(path: "model.safetensors"), extra: extra, change: change)
    }

    func expected(_ type: String) -> String? { Fixtures.checkpoints[name]?["sha256"]?[type]?.string }
}

/// The adapters of `make-adapters.py`, made again.
struct TinyAdapter {
    let folder: TemporaryFolder
    var url: URL { folder.url.appending(path: "adapter-\(name)") }
    private let name: String

    /// `settings` go over those of `adapter_config.json`; `extra` comes from a file.
    init(_ name: String, settings: JSONObject = [:], extra: SafetensorsFile? = nil) throws {
        self.name = name
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        var config = try #require(Fixtures.adapters[name]?["config"]?.object)
        for member in settings { config[member.key] = member.value }
        try Data(config.text().utf8).write(to: url.appending(path: "adapter_config.json"))
        try TinyWeights.write(
            Fixtures.adapters[name]?["tensors"], .f32, to: url.appending(path: "adapter_model.safetensors"),
            extra: extra)
    }
}

/// Weights that are a function of name and index (make-checkpoints.py says which).
enum TinyWeights {
    static func values(_ name: String, count: Int) -> [Float] {
        let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let isNorm = name.lowercased().contains("norm")
        return (0..<count).map { index in
            var x = hash &+ UInt32(truncatingIfNeeded: index) &* 2_654_435_761
            x ^= x >> 15
            x = x &* 2_246_822_519
            x ^= x >> 13
            let value = Float(x >> 25) / 64 - 1
            return isNorm ? 1 + value / 4 : value
        }
    }

    static func write(
        _ list: JSONValue?, _ type: SafetensorsType, to url: URL, extra: SafetensorsFile? = nil,
        change: (String, [Int]) -> [Int]? = { $1 }
    ) throws {
        var writer = SafetensorsWriter()
        var contents: [[UInt8]] = []
        for item in list?.array ?? [] {
            let name = try #require(item[0]?.string)
            guard let shape = change(name, item[1]?.array?.compactMap(\.integer) ?? []) else { continue }
            try writer.add(name, type: type, shape: shape)
            contents.append(bytes(values(name, count: shape.reduce(1, *)), type))
        }
        for tensor in extra?.tensors ?? [] where tensor.name != "expected" {
            try writer.add(tensor.name, type: tensor.type, shape: tensor.shape)
            contents.append(Array(tensor.bytes))
        }
        try writer.write(to: url) { index, write in try contents[index].withUnsafeBytes { try write($0) } }
    }

    private static func bytes(_ values: [Float], _ type: SafetensorsType) -> [UInt8] {
        switch type {
        case .f16: values.flatMap { value in Swift.withUnsafeBytes(of: Float16(value).bitPattern) { Array($0) } }
        case .bf16:
            values.flatMap { value in
                Swift.withUnsafeBytes(of: UInt16(value.bitPattern >> 16)) { Array($0) }
            }
        default: values.flatMap { value in Swift.withUnsafeBytes(of: value.bitPattern) { Array($0) } }
        }
    }
}

extension SafetensorsFile {
    /// A file of one tensor without data, whose shape holds a zero.
    static func empty(_ name: String, _ type: SafetensorsType, _ shape: [Int]) throws -> SafetensorsFile {
        let folder = try TemporaryFolder()
        var writer = SafetensorsWriter()
        try writer.add(name, type: type, shape: shape)
        try writer.write(to: folder.file("empty.safetensors")) { _, _ in }
        return try SafetensorsFile(folder.file("empty.safetensors"))
    }
}

extension GGUFFile {
    /// The file as it would be without keys that only Swiftlet writes.
    func withoutOwnKeys(_ url: URL) throws {
        var metadata = metadata
        for key in metadata.keys where key.hasPrefix("swiftlet.") { metadata[key] = nil }
        var writer = try GGUFWriter(metadata: metadata)
        for tensor in tensors { try writer.add(tensor.name, type: tensor.type, dimensions: tensor.dimensions) }
        var index = 0
        try writer.write(to: url) { _, write in
            try write(self.tensor(at: index).bytes)
            index += 1
        }
    }
}
