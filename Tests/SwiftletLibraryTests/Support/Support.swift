import Crypto
import Foundation
import SwiftletLibrary
import Synchronization

/// A library in a temporary folder, removed at the end.
func withLibrary<Result>(
    _ variables: [String: String] = [:], readTimeout: Duration = .seconds(60),
    _ body: (Library) async throws -> Result
) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var inherited = ProcessInfo.processInfo.environment
    for key in ["HF_TOKEN", "HF_ENDPOINT", "SWIFTLET_PYTHON", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        inherited[key] = nil
    }
    inherited["SWIFTLET_HOME"] = folder.appending(path: "home").path(percentEncoded: false)
    var environment = LibraryEnvironment(inherited.merging(variables) { $1 })
    environment.firstPause = .milliseconds(5)
    environment.readTimeout = readTimeout
    let library = try Library(environment)
    try FileManager.default.createDirectory(at: library.home, withIntermediateDirectories: true)
    return try await body(library)
}

extension Library {
    /// The files below a folder of the library.
    func files(in folder: String) -> [String] {
        let names = try? FileManager.default.subpathsOfDirectory(atPath: home.appending(path: folder).path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// Bytes of unfinished downloads.
    var partialBytes: Int {
        files(in: "partial").filter { $0.hasSuffix(".data") }
            .reduce(0) { sum, name in
                let path = home.appending(path: "partial/\(name)").path
                return sum + (((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0)
            }
    }
}

/// Collects a pull's events.
final class Events: Sendable {
    private let events = Mutex<[PullEvent]>([])
    func add(_ event: PullEvent) { events.withLock { $0.append(event) } }
    var all: [PullEvent] { events.withLock { $0 } }
}

enum TinyModel {
    /// A GGUF file of version 3: a llama header and one F32 tensor of random numbers; the same for the same seed.
    static func bytes(_ tensorBytes: Int = 400_000, seed: UInt64 = 1, architecture: String = "llama") -> [UInt8] {
        var bytes = Array("GGUF".utf8)
        func add<Value: FixedWidthInteger>(_ value: Value) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
        func add(_ text: String) {
            add(UInt64(text.utf8.count))
            bytes += Array(text.utf8)
        }
        func add(_ key: String, _ value: UInt32) {
            add(key)
            add(UInt32(4))
            add(value)
        }
        add(UInt32(3))
        add(UInt64(1))
        add(UInt64(8))
        for (key, text) in [("general.architecture", architecture), ("general.name", "Tiny")] {
            add(key)
            add(UInt32(8))
            add(text)
        }
        add("general.file_type", 0)
        add("\(architecture).context_length", 2048)
        add("\(architecture).block_count", 3)
        add("\(architecture).embedding_length", 64)
        add("\(architecture).attention.head_count", 4)
        add("\(architecture).attention.head_count_kv", 2)
        let count = tensorBytes / 4
        add("token_embd.weight")
        add(UInt32(1))
        add(UInt64(count))
        add(UInt32(0))
        add(UInt64(0))
        while bytes.count % 32 != 0 { bytes.append(0) }
        var state = seed
        for _ in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            add(UInt32(truncatingIfNeeded: state >> 40))
        }
        return bytes
    }
}

func sha256(_ bytes: some DataProtocol) -> String {
    SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
}
