import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// Whatever the bytes are, opening gives a file or a clear error.
@Suite struct GGUFBadInputTests {
    @Test func theSmallFileIsRight() throws {
        let file = try GGUFBytes.open(GGUFBytes.small())
        #expect(file.tensors.map(\.name) == ["first", "second"])
        #expect(try file.metadata.array("nested").arrays[0].integers() == [7, -7])
    }

    @Test func everyPrefixThrows() {
        let bytes = GGUFBytes.small()
        for length in bytes.indices {
            #expect(throws: ModelFileError.self, "\(length) bytes") { try GGUFBytes.open(Array(bytes[..<length])) }
        }
    }

    @Test func anyChangedByteIsReadOrRefused() {
        let bytes = GGUFBytes.small()
        for index in bytes.indices {
            for change: UInt8 in [0x01, 0x02, 0x10, 0x80, 0xFF] {
                var changed = bytes
                changed[index] ^= change
                guard let file = try? GGUFBytes.open(changed) else { continue }
                // What opens can be read to its end.
                for tensor in file.tensors.indices { #expect(file.tensor(at: tensor).bytes.reduce(0, ^) <= 255) }
                for key in file.metadata.keys { _ = try? file.metadata.strings(key) }
            }
        }
    }

    @Test func otherFormatsAndVersions() throws {
        func code(_ bytes: [UInt8]) -> ModelFileError.Code? {
            do { _ = try GGUFBytes.open(bytes) } catch { return error.code }
            return nil
        }
        #expect(code(Array("GGML".utf8) + [3, 0, 0, 0]) == .unsupported)
        #expect(code(GGUFBytes(version: 1).bytes) == .unsupported)
        #expect(code(GGUFBytes(version: 4).bytes) == .unsupported)
        #expect(code(GGUFBytes(version: 0).bytes) == .unsupported)
        #expect(code(GGUFBytes(version: 2).bytes) == nil)
        #expect(code([]) == .truncated)
        let bigEndian = GGUFBytes(version: UInt32(3).byteSwapped).bytes
        #expect(throws: ModelFileError.self) { try GGUFBytes.open(bigEndian) }
        do { _ = try GGUFBytes.open(bigEndian) } catch { #expect(error.problem.contains("big endian")) }
    }

    @Test(arguments: [UInt64(1) << 60, .max, 1 << 32, 1 << 63])
    func lyingCountsAllocateNothing(count: UInt64) {
        func truncated(_ error: ModelFileError?) -> Bool { error?.code == .truncated }
        #expect(truncated(GGUFBytes.error({ _ in }, tensors: count)))
        #expect(truncated(GGUFBytes.error({ _ in }, keys: count)))
        #expect(truncated(GGUFBytes.error({ $0.number(count) }, keys: 1)))
        for type in UInt32(0)...12 {
            let error = GGUFBytes.error(
                {
                    $0.key("array", type: 9)
                    $0.number(type)
                    $0.number(count)
                    $0.bytes += [UInt8](repeating: 0, count: 100)
                }, keys: 1)
            #expect(truncated(error), "elements of type \(type)")
            #expect(error?.place?.contains("array") == true)
        }
        let error = GGUFBytes.error(
            {
                $0.key("array", type: 9)
                $0.number(UInt32(8))
                $0.number(UInt64(2))
                $0.string("one")
                $0.number(count)
                $0.bytes += [UInt8](repeating: 0, count: 100)
            }, keys: 1)
        #expect(truncated(error))
    }

    @Test func namesThatCannotBe() {
        func twoKeys(_ key: [UInt8]) -> ModelFileError? {
            GGUFBytes.error(
                { file in
                    for _ in 0..<2 {
                        file.string(key)
                        file.number(UInt32(7))
                        file.bytes.append(0)
                    }
                }, keys: 2)
        }
        #expect(twoKeys(Array("same".utf8))?.problem.contains("twice") == true)
        #expect(twoKeys([0xFF, 0x41])?.problem.contains("UTF-8") == true)
        #expect(twoKeys([])?.problem.contains("empty") == true)
        #expect(twoKeys([UInt8](repeating: 65, count: 70_000))?.problem.contains("limit") == true)

        let twoTensors = GGUFBytes.error(
            {
                $0.tensor("same", dimensions: [1])
                $0.tensor("same", dimensions: [1], offset: 32)
                $0.pad()
                $0.bytes += [UInt8](repeating: 0, count: 64)
            }, tensors: 2)
        #expect(twoTensors?.problem.contains("twice") == true)
    }

    @Test func keysThatOnlyLookAlikeAreTwo() throws {
        var file = GGUFBytes(keys: 2)
        for (key, value) in [("caf\u{E9}", UInt8(1)), ("cafe\u{301}", 2)] {
            file.key(key, type: 0)
            file.bytes.append(value)
        }
        let metadata = try file.open().metadata
        #expect(try metadata.integer("caf\u{E9}") == 1)
        #expect(try metadata.integer("cafe\u{301}") == 2)
    }

    @Test func valuesThatCannotBe() {
        func value(type: UInt32, _ bytes: [UInt8]) -> ModelFileError? {
            GGUFBytes.error(
                {
                    $0.key("k", type: type)
                    $0.bytes += bytes
                }, keys: 1)
        }
        #expect(value(type: 13, [0, 0, 0, 0])?.problem.contains("13") == true)
        #expect(value(type: 7, [2])?.problem.contains("neither 0 nor 1") == true)
        #expect(value(type: 4, [0, 0, 0])?.code == .truncated)
        #expect(value(type: 7, [1]) == nil)
        // Arrays in arrays, endlessly: type 9, one element, again and again.
        var deep: [UInt8] = []
        for _ in 0..<100_000 { deep += [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0] }
        #expect(value(type: 9, deep)?.problem.contains("deep") == true)
    }

    @Test func alignmentsThatCannotBe() {
        for alignment: UInt32 in [0, 3, 33, .max] {
            let error = GGUFBytes.error(
                {
                    $0.key("general.alignment", type: 4)
                    $0.number(alignment)
                }, keys: 1)
            #expect(error?.problem.contains("power of two") == true)
        }
        let error = GGUFBytes.error(
            {
                $0.key("general.alignment", type: 10)
                $0.number(UInt64(32))
            }, keys: 1)
        #expect(error?.code == .wrongType)
    }

    @Test func tensorsThatCannotBe() {
        func tensor(
            _ dimensions: [UInt64], type: UInt32 = 0, offset: UInt64 = 0, data: Int = 1024
        ) -> ModelFileError? {
            GGUFBytes.error(
                {
                    $0.tensor("odd", dimensions: dimensions, type: type, offset: offset)
                    $0.pad()
                    $0.bytes += [UInt8](repeating: 0, count: data)
                }, tensors: 1)
        }
        #expect(tensor([256]) == nil)
        #expect(tensor([0]) == nil)
        #expect(tensor([]) == nil)
        for bad: ModelFileError? in [
            tensor([1 << 60]), tensor([1 << 63]), tensor([1 << 32, 1 << 32]), tensor([.max, .max, .max, .max]),
            tensor([1, 1, 1, 1, 1]), tensor([33], type: 2), tensor([256], offset: 8), tensor([256], offset: 32),
            tensor([256], offset: 1 << 60), tensor([256], offset: .max - 31), tensor([0, 1 << 62, 1 << 62]),
        ] {
            #expect(bad?.place?.contains("odd") == true)
        }
        let removed = tensor([256], type: 31)
        #expect(removed?.code == .unsupported)
        #expect(removed?.problem.contains("Q4_0_4_4") == true)
        #expect(tensor([256], type: 999)?.problem.contains("999") == true)
        #expect(tensor([256], data: 1023)?.code == .truncated)
    }

    @Test func overlappingTensors() {
        let error = GGUFBytes.error(
            {
                $0.tensor("one", dimensions: [16], offset: 0)
                $0.tensor("two", dimensions: [8], offset: 32)
                $0.pad()
                $0.bytes += [UInt8](repeating: 0, count: 128)
            }, tensors: 2)
        #expect(error?.problem.contains("overlaps that of tensor one") == true)
    }

    @Test func gettersNameTheKeyAndTheTypeFound() throws {
        let metadata = try GGUFBytes.open(GGUFBytes.small()).metadata
        func text(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        #expect(text { _ = try metadata.string("a.bool") }.contains("key a.bool: is of type bool"))
        #expect(text { _ = try metadata.integer("some.strings") }.contains("array of string"))
        #expect(text { _ = try metadata.strings("nested") }.contains("key nested"))
        #expect(text { _ = try metadata.float("no.such") }.contains("no.such"))
        #expect(text { _ = try metadata.integer("general.alignment", as: Int8.self) } == "")
        #expect(try metadata.string(ifPresent: "no.such") == nil)
        var changed = metadata
        changed["big"] = .uint64(1 << 40)
        changed["bytes"] = .string(GGUFString(bytes: [0xFF]))
        changed["array"] = .array(GGUFArray([1, 300] as [Int32]))
        #expect(text { _ = try changed.integer("big", as: Int32.self) }.contains("does not fit Int32"))
        #expect(text { _ = try changed.string("bytes") }.contains("not UTF-8"))
        #expect(text { _ = try changed.integers("array", as: UInt8.self) }.contains("element 1: 300 does not fit"))
    }
}
