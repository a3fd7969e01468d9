import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// Random changes to real files: the parsers must neither trap nor read out of bounds, whatever they are given.
///
/// One second a parser, or `SWIFTLET_FUZZ_SECONDS`. The input being tried lies in the temporary folder as
/// `swiftlet-fuzz-NAME.bin`, so that what crashed the process can be tried again with `SWIFTLET_FUZZ_INPUT=FILE`.
/// Not covered: files cut short while they are mapped.
@Suite(.serialized) struct FuzzTests {
    static let environment = ProcessInfo.processInfo.environment
    static let fixtures = URL(fileURLWithPath: #filePath).appending(path: "../../Fixtures").standardized

    @Test func ggufParser() throws {
        var corpus = [GGUFBytes.small(), try bytes(of: Self.fixtures.appending(path: "gguf/gguf-py.gguf"))]
        for url in SharedData.ggufFiles(in: "architectures").prefix(8) { corpus.append(try bytes(of: url)) }
        try run("gguf", corpus) { bytes, owner in
            let file = try GGUFFile(bytes: bytes, owner: owner, name: "fuzz.gguf")
            for index in file.tensors.indices where file.tensors[index].byteCount < 10_000 {
                _ = file.tensor(at: index).decoded()
            }
            for key in file.metadata.keys {
                _ = try? file.metadata.string(key)
                _ = try? file.metadata.strings(key)
                _ = try? file.metadata.integers(key)
                _ = try? file.metadata.floats(key)
                _ = try? file.metadata.bools(key)
            }
        }
    }

    @Test func safetensorsParser() throws {
        let corpus = [
            try bytes(of: SafetensorsTests.allTypes), SafetensorsCheckpointTests.one, SafetensorsCheckpointTests.two,
        ]
        try run("safetensors", corpus) { bytes, owner in
            let file = try SafetensorsFile(bytes: bytes, owner: owner, url: URL(fileURLWithPath: "fuzz.safetensors"))
            for tensor in file.tensors { _ = try? tensor.floats() }
        }
    }

    private func bytes(of url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

    /// Tries changed files until the time is over; some must open and some must be refused, or nothing was tested.
    private func run(
        _ name: String, _ corpus: [[UInt8]], _ body: (UnsafeRawBufferPointer, AlignedBuffer) throws -> Void
    ) throws {
        func opens(_ input: [UInt8]) throws -> Bool {
            let buffer = AlignedBuffer(byteCount: input.count)
            buffer.bytes.copyBytes(from: input)
            do {
                try body(UnsafeRawBufferPointer(buffer.bytes), buffer)
                return true
            } catch is ModelFileError {
                return false
            }
        }
        if let input = Self.environment["SWIFTLET_FUZZ_INPUT"] {
            _ = try opens(bytes(of: URL(fileURLWithPath: input)))
            return
        }
        let kept = FileManager.default.temporaryDirectory.appending(path: "swiftlet-fuzz-\(name).bin")
        let seconds = Self.environment["SWIFTLET_FUZZ_SECONDS"].flatMap { Double($0) } ?? 1
        let end = ContinuousClock.now + .seconds(seconds)
        var (opened, refused) = (0, 0)
        while ContinuousClock.now < end || opened == 0 || refused == 0 {
            let input = Self.changed(corpus[Int.random(in: corpus.indices)])
            try Data(input).write(to: kept)
            if try opens(input) { opened += 1 } else { refused += 1 }
        }
        try FileManager.default.removeItem(at: kept)
        print("fuzz \(name): \(opened) changed files opened, \(refused) refused")
    }

    /// One to four changes in the first part of a file, where its header is.
    private static func changed(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4) where !bytes.isEmpty {
            let place = Int.random(in: 0..<min(bytes.count, 6000))
            switch Int.random(in: 0..<6) {
            case 0: bytes[place] = .random(in: 0...255)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8)
            case 2:
                let telling: [UInt64] = [0, 1, .max, 1 << 60, 1 << 63, 1 << 32, UInt64(bytes.count)]
                let number = telling[Int.random(in: telling.indices)]
                for (index, byte) in withUnsafeBytes(of: number, Array.init).enumerated()
                where place + index < bytes.count { bytes[place + index] = byte }
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + .random(in: 1...16)))
            case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + .random(in: 1...32))], at: place)
            default: bytes.removeLast(.random(in: 0..<bytes.count))
            }
        }
        return bytes
    }
}
