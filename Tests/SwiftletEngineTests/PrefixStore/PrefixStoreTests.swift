import Foundation
import SwiftletEngine
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// Computed pages on disk: found again by other processes, private, bounded, and never trusted unless whole.
struct PrefixStoreTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-store-\(UUID())")
    private let identity = PrefixKey(bytes: [UInt8](repeating: 7, count: 32))

    private func store(limit: Int = 1 << 30) throws -> PrefixStore {
        try #require(PrefixStore(PrefixStoreOptions(folder: folder, byteLimit: limit), identity: identity))
    }

    private func tokens(_ count: Int, _ seed: Int = 0) -> [TokenID] { (0..<count).map { TokenID($0 * 31 + seed) } }

    private func keys(_ count: Int, _ seed: Int = 0) -> [PrefixKey] {
        PrefixKey.chain(identity, tokens(count * 16, seed), pageSize: 16, count: count)
    }

    /// Memory for pages of 1,000 bytes, each filled with bytes of its own.
    private func memory(_ count: Int, filled: Bool) -> (AlignedBuffer, [UnsafeMutableRawBufferPointer]) {
        let buffer = AlignedBuffer(byteCount: count * 1000)
        if filled {
            for index in 0..<count * 1000 { buffer.bytes[index] = UInt8(truncatingIfNeeded: index / 1000 * 37 + index) }
        }
        return (
            buffer,
            (0..<count).map { UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[$0 * 1000..<($0 + 1) * 1000]) }
        )
    }

    private func files() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    @Test func anotherProcessFindsThePages() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (written, pages) = memory(3, filled: true)
        await (try store()).write(keys(3), from: PagePlaces(pages))
        let again = try store()
        #expect(again.leading(keys(5)) == 3)
        let (read, places) = memory(3, filled: false)
        #expect(await again.read(keys(3), into: PagePlaces(places)) == 3)
        #expect(Array(read.bytes) == Array(written.bytes))
        #expect(again.byteCount == 3 * 1064)
    }

    @Test func onlyTheOwnerMayLook() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (buffer, pages) = memory(1, filled: true)
        await (try store()).write(keys(1), from: PagePlaces(pages))
        withExtendedLifetime(buffer) {}
        func mode(_ url: URL) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
        }
        #expect(try mode(folder) == 0o700)
        for file in try files() { #expect(try mode(file) == 0o600) }
    }

    /// Every bit of the header and every tenth of the page: changed, cut short, made longer.
    @Test func damagedFilesAreRemovedAndNotUsed() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (buffer, pages) = memory(1, filled: true)
        await (try store()).write(keys(1), from: PagePlaces(pages))
        withExtendedLifetime(buffer) {}
        let file = try #require(files().first)
        let whole = try Data(contentsOf: file)
        var damaged = (0..<64 * 8).map { bit in
            var data = whole
            data[bit / 8] ^= 1 << UInt8(bit % 8)
            return data
        }
        for byte in stride(from: 64, to: whole.count, by: 10) {
            var data = whole
            data[byte] ^= 4
            damaged.append(data)
        }
        damaged += [Data(), whole.dropLast(), whole.prefix(64), whole + [0]]
        for data in damaged {
            try data.write(to: file)
            let store = try store()
            let (memory, places) = memory(1, filled: false)
            #expect(await store.read(keys(1), into: PagePlaces(places)) == 0)
            withExtendedLifetime(memory) {}
            #expect(store.leading(keys(1)) == 0 && store.byteCount == 0)
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }

    @Test func missingAndForeignFilesAreNoMatter() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try store()
        let (buffer, pages) = memory(2, filled: true)
        await first.write(keys(2), from: PagePlaces(pages))
        for name in ["notes.txt", "zz.page", String(repeating: "g", count: 64) + ".page"] {
            try Data("?".utf8).write(to: folder.appending(path: name))
        }
        let second = try store()
        for file in try files() where file.lastPathComponent.count > 60 { try FileManager.default.removeItem(at: file) }
        #expect(await second.read(keys(2), into: PagePlaces(pages)) == 0)
        withExtendedLifetime(buffer) {}
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "notes.txt").path))
    }

    /// What was used longest ago goes first, and the end of a text before its beginning.
    @Test func theFolderIsBounded() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let limit = 5 * 1064
        let store = try store(limit: limit)
        let (buffer, pages) = memory(3, filled: true)
        await store.write(keys(3), from: PagePlaces(pages))
        await store.write(keys(2, 1000), from: PagePlaces(pages))
        #expect(await store.read(keys(1), into: PagePlaces(pages)) == 1)
        await store.write(keys(2, 2000), from: PagePlaces(pages))
        withExtendedLifetime(buffer) {}
        #expect(store.byteCount <= limit)
        #expect(store.leading(keys(3)) == 1)
        #expect(store.leading(keys(2, 1000)) == 2)
        #expect(store.leading(keys(2, 2000)) == 2)
        #expect(try files().count == 5)
        // A smaller limit holds from the start.
        #expect(try self.store(limit: 2 * 1064).byteCount == 2 * 1064)
        #expect(try files().count == 2)
    }

    @Test func aFolderThatCannotBeIsNoStore() {
        #expect(
            PrefixStore(PrefixStoreOptions(folder: URL(filePath: "/proc/swiftlet/store")), identity: identity) == nil)
    }

    /// FIPS 180-4's own examples, by way of a chain's first key: one block and several.
    @Test func keysAreDigests() {
        #expect(keys(2)[0].hexadecimal.count == 64)
        #expect(PrefixKey(hexadecimal: Substring(keys(1)[0].hexadecimal)) == keys(1)[0])
        #expect(PrefixKey(hexadecimal: "abc") == nil)
        #expect(Set((0..<50).map { keys(1, $0)[0] }).count == 50)
        #expect(keys(3)[..<2] == keys(2)[...])
        #expect(
            PrefixKey.digest(of: Array("abc".utf8)).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            PrefixKey.digest(of: []).hexadecimal
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            PrefixKey.digest(of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)).hexadecimal
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }
}
