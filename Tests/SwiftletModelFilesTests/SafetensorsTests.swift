import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

@Suite struct SafetensorsTests {
    static let fixtures = URL(fileURLWithPath: #filePath).appending(path: "../../Fixtures/safetensors").standardized
    static let allTypes = fixtures.appending(path: "all-types.safetensors")

    static func bytes(header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        let text = Array(header.utf8)
        let length = length ?? UInt64(text.count)
        return withUnsafeBytes(of: length.littleEndian) { Array($0) } + text + [UInt8](repeating: 0, count: data)
    }

    static func open(_ bytes: [UInt8]) throws(ModelFileError) -> SafetensorsFile {
        let buffer = AlignedBuffer(byteCount: bytes.count)
        buffer.bytes.copyBytes(from: bytes)
        return try SafetensorsFile(
            bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer, url: URL(fileURLWithPath: "test.safetensors"))
    }

    /// The error of opening a file with these tensors, as text; "" if it opens.
    static func problem(_ tensors: String, _ data: Int) -> String {
        do { _ = try open(bytes(header: "{\(tensors)}", data: data)) } catch { return "\(error)" }
        return ""
    }

    static func tensor(_ name: String, _ shape: String, _ start: Int, _ end: Int, _ type: String = "F32") -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(start),\#(end)]}"#
    }

    @Test func readsEveryType() throws {
        let file = try SafetensorsFile(Self.allTypes)
        #expect(Set(file.tensors.map(\.type)) == Set(SafetensorsType.allCases))
        #expect(file.metadata["format"]?.string == "pt")
        #expect(file.tensors.first?.name == "bool")
        #expect(file.tensor(named: "f64")?.shape == [])
        #expect(file.tensor(named: "none")?.bytes.count == 0)
        #expect(file.tensor(named: "no such") == nil)
    }

    @Test func widensToTheBitsOfMlDtypes() throws {
        let file = try SafetensorsFile(Self.allTypes)
        let expected = try JSONValue(parsing: Data(contentsOf: Self.fixtures.appending(path: "all-types.json")))
        let object = try #require(expected.object)
        #expect(object.count == 14)
        for member in object {
            let tensor = try #require(file.tensor(named: member.key))
            let floats = try tensor.floats()
            let bits = try #require(member.value.array)
            #expect(floats.count == bits.count)
            for (float, bits) in zip(floats, bits) {
                let wanted = Float(bitPattern: UInt32(truncatingIfNeeded: bits.integer ?? -1))
                #expect(float.bitPattern == wanted.bitPattern || float.isNaN && wanted.isNaN, "\(member.key)")
            }
            // A part gives the same as the whole.
            let part = floats.count / 3..<floats.count
            var some = [Float](repeating: 0, count: part.count)
            try some.withUnsafeMutableBufferPointer { try tensor.widen(part, into: $0) }
            #expect(some.map(\.bitPattern) == floats[part].map(\.bitPattern))
        }
        #expect(try file.tensor(named: "bool")?.floats() == [0, 1])
        #expect(try file.tensor(named: "f32")?.floats() == [0, 1, 2, 3, 4, 5])
        #expect(try file.tensor(named: "none")?.floats() == [])
        for name in ["c64", "f6a", "f6b"] {
            let tensor = try #require(file.tensor(named: name))
            #expect(throws: ModelFileError.self) { try tensor.floats() }
        }
    }

    @Test func everyPrefixThrows() throws {
        let whole = Self.bytes(
            header: "{\(Self.tensor("a", "[2]", 0, 8)),\(Self.tensor("b", "[1,1]", 8, 12))}", data: 12)
        #expect(try Self.open(whole).tensors.count == 2)
        for length in whole.indices {
            #expect(throws: ModelFileError.self, "\(length) bytes") { try Self.open(Array(whole[..<length])) }
        }
        #expect(throws: ModelFileError.self) { try Self.open(whole + [0]) }
    }

    @Test func anyChangedByteIsReadOrRefused() throws {
        let whole = [UInt8](try Data(contentsOf: Self.allTypes))
        let dataOffset = try Self.open(whole).dataOffset
        var opened = 0
        for index in 0..<dataOffset {
            for change: UInt8 in [0x01, 0x10, 0x80] {
                var changed = whole
                changed[index] ^= change
                guard let file = try? Self.open(changed) else { continue }
                opened += 1
                if opened % 16 == 0 { for tensor in file.tensors { _ = try? tensor.floats() } }
            }
        }
        #expect(opened > 0)
    }

    @Test func headersThatCannotBe() {
        func problem(_ bytes: [UInt8]) -> String {
            do { _ = try Self.open(bytes) } catch { return "\(error)" }
            return ""
        }
        #expect(problem([]).contains("length of the header"))
        #expect(problem(Self.bytes(header: "")).contains("not JSON"))
        #expect(problem(Self.bytes(header: "{}")) == "")
        #expect(problem(Self.bytes(header: "{}   ")) == "")
        #expect(problem(Self.bytes(header: "[]")).contains("no JSON object"))
        #expect(problem(Self.bytes(header: "{}", length: 3)).contains("ends inside the header"))
        for length: UInt64 in [100_000_001, 1 << 60, .max] {
            #expect(problem(Self.bytes(header: "{}", length: length)).contains("limit"))
        }
        #expect(problem(Self.bytes(header: #"{"__metadata__":{"a":1}}"#)).contains("texts only"))
        #expect(problem(Self.bytes(header: #"{"__metadata__":null}"#)) == "")
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(problem(Self.bytes(header: #"{"a":"# + deep)).contains("nested"))
    }

    @Test func tensorsThatCannotBe() {
        let (tensor, problem) = (Self.tensor, Self.problem)
        #expect(problem(tensor("a", "[2]", 0, 8, "F32"), 8) == "")
        #expect(problem(tensor("a", "[2]", 0, 8, "F99"), 8).contains("dtype F99"))
        #expect(problem(tensor("a", "[3]", 0, 8, "F32"), 8).contains("takes 12 bytes"))
        #expect(problem(tensor("a", "[3]", 0, 12, "F32"), 8).contains("past the 8 bytes"))
        #expect(problem(tensor("a", "[2]", 8, 0, "F32"), 8).contains("no range"))
        #expect(problem(tensor("a", "[2]", 4, 12, "F32"), 12).contains("hole"))
        #expect(problem(tensor("a", "[2]", 0, 8, "F32"), 9).contains("1 bytes follow"))
        #expect(problem(tensor("a", "[2.0]", 0, 8, "F32"), 8).contains("shape holds"))
        #expect(problem(tensor("a", "[-2]", 0, 8, "F32"), 8).contains("shape holds"))
        #expect(problem(tensor("a", "[\"2\"]", 0, 8, "F32"), 8).contains("shape holds"))
        #expect(problem(tensor("a", "{}", 0, 8, "F32"), 8).contains("no array shape"))
        #expect(problem(tensor("a", "[3]", 0, 2, "F4"), 2).contains("inside a byte"))
        for shape in ["[1152921504606846976]", "[4294967296,4294967296]", "[0,9223372036854775807,4]", "[1e30]"] {
            #expect(problem(tensor("a", shape, 0, 8, "F32"), 8).contains("tensor a"))
        }
        let (a, b) = (tensor("a", "[2]", 0, 8, "F32"), tensor("b", "[1]", 4, 8, "F32"))
        #expect(problem("\(a),\(b)", 8).contains("overlaps"))
        #expect(problem("\(a),\(tensor("b", "[1]", 12, 16, "F32"))", 16).contains("hole"))
        #expect(problem("\(a),\(tensor("b", "[0]", 8, 8, "F32"))", 8) == "")
        #expect(problem(#""a":{"dtype":"F32","shape":[2]}"#, 8).contains("data_offsets"))
        #expect(problem(#""a":7"#, 8).contains("no dtype"))
    }
}

@Suite struct SafetensorsCheckpointTests {
    /// A folder of files with these contents.
    static func withFolder(_ files: [String: [UInt8]], _ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files { try Data(bytes).write(to: folder.appending(path: name)) }
        try body(folder)
    }

    static let one = SafetensorsTests.bytes(header: "{\(SafetensorsTests.tensor("a", "[2]", 0, 8))}", data: 8)
    static let two = SafetensorsTests.bytes(header: "{\(SafetensorsTests.tensor("b", "[3]", 0, 12))}", data: 12)

    static func index(_ map: String) -> [UInt8] {
        Array(#"{"metadata":{"total_size":20},"weight_map":{\#(map)}}"#.utf8)
    }

    @Test func opensAFolderAnIndexOrAFile() throws {
        let map = #""b":"model-00002-of-00002.safetensors","a":"model-00001-of-00002.safetensors""#
        try Self.withFolder([
            SafetensorsCheckpoint.indexName: Self.index(map), "model-00001-of-00002.safetensors": Self.one,
            "model-00002-of-00002.safetensors": Self.two,
        ]) { folder in
            for url in [folder, folder.appending(path: SafetensorsCheckpoint.indexName)] {
                let checkpoint = try SafetensorsCheckpoint(url)
                #expect(checkpoint.tensors.map(\.name) == ["b", "a"])
                #expect(checkpoint.files.count == 2)
                #expect(checkpoint.tensor(named: "a")?.shape == [2])
            }
            let part = try SafetensorsCheckpoint(folder.appending(path: "model-00002-of-00002.safetensors"))
            #expect(part.tensors.map(\.name) == ["b"])
        }
        try Self.withFolder(["weights.safetensors": Self.one]) { folder in
            let checkpoint = try SafetensorsCheckpoint(folder)
            #expect(checkpoint.tensors.map(\.name) == ["a"])
        }
    }

    @Test func checkpointsThatCannotBe() throws {
        func problem(_ files: [String: [UInt8]]) throws -> String {
            var problem = ""
            try Self.withFolder(files) { folder in
                do { _ = try SafetensorsCheckpoint(folder) } catch let error as ModelFileError { problem = "\(error)" }
            }
            return problem
        }
        func indexed(_ map: String) throws -> String {
            try problem([SafetensorsCheckpoint.indexName: Self.index(map), "one.safetensors": Self.one])
        }
        #expect(try indexed(#""a":"one.safetensors""#) == "")
        #expect(try indexed(#""a":"two.safetensors""#).contains("two.safetensors"))
        #expect(try indexed(#""z":"one.safetensors""#).contains("tensor z"))
        for name in ["../one.safetensors", "/etc/passwd", "", ".", "..", "a/b", #"\u0000"#] {
            #expect(try indexed(#""a":"\#(name)""#).contains("no plain file name"), "\(name)")
        }
        #expect(try indexed(#""a":1"#).contains("no plain file name"))
        #expect(try problem([SafetensorsCheckpoint.indexName: Array("{}".utf8)]).contains("weight_map"))
        #expect(try problem([SafetensorsCheckpoint.indexName: Array("{".utf8)]).contains("not JSON"))
        #expect(try problem([:]).contains("no safetensors file"))
        #expect(try problem(["x.safetensors": Self.one, "y.safetensors": Self.two]).contains("several"))
        #expect(throws: ModelFileError.self) { try SafetensorsCheckpoint(URL(fileURLWithPath: "/no/such")) }
    }
}
