import Foundation
import Synchronization

/// Computed pages on disk, one file each, named by what they were computed from; bounded in bytes, oldest use goes first.
///
/// What the folder holds is looked at once, at the start; files that come or go by other hands are missed, or found missing.
/// Reading and writing happen on threads of its own.
package final class PrefixStore: Sendable {
    package let identity: PrefixKey
    private let folder: URL
    private let byteLimit: Int
    private let catalogue = Mutex(Catalogue())
    private let readers = DispatchQueue(label: "swiftlet-prefix-reads", qos: .userInitiated)
    private let writers = DispatchQueue(label: "swiftlet-prefix-writes", qos: .utility)

    private struct Catalogue: Sendable {
        var entries: [PrefixKey: Entry] = [:]
        var bytes = 0
        var uses = 0
        var temporaries = 0

        struct Entry: Sendable {
            var bytes: Int
            /// Greater is later.
            var lastUse: Int
        }

        mutating func use(_ key: PrefixKey) {
            uses += 1
            entries[key]?.lastUse = uses
        }

        mutating func add(_ key: PrefixKey, bytes count: Int) {
            remove(key)
            uses += 1
            entries[key] = Entry(bytes: count, lastUse: uses)
            bytes += count
        }

        mutating func remove(_ key: PrefixKey) { bytes -= entries.removeValue(forKey: key)?.bytes ?? 0 }

        /// Takes out what was used longest ago until the rest is within the limit.
        mutating func trim(to limit: Int) -> [PrefixKey] {
            guard bytes > limit else { return [] }
            var removed: [PrefixKey] = []
            for (key, _) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where bytes > limit {
                remove(key)
                removed.append(key)
            }
            return removed
        }
    }

    private static let suffix = ".page"
    private static let temporarySuffix = ".part"

    /// Makes the folder, readable by its owner only, if it is not there; nil if that cannot be.
    package init?(_ options: PrefixStoreOptions, identity: PrefixKey) {
        (folder, byteLimit, self.identity) = (options.folder, max(0, options.byteLimit), identity)
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            return nil
        }
        scan()
    }

    package var byteCount: Int { catalogue.withLock(\.bytes) }

    /// How many of a text's first pages are there.
    package func leading(_ keys: [PrefixKey]) -> Int {
        catalogue.withLock { catalogue in keys.prefix { catalogue.entries[$0] != nil }.count }
    }

    /// Reads pages into their places; tells how many of the first are whole. Damaged files are removed.
    package func read(_ keys: [PrefixKey], into places: PagePlaces) async -> Int {
        return await withCheckedContinuation { continuation in
            readers.async {
                var count = 0
                for (key, page) in zip(keys, places.pages) {
                    guard PageFile.read(self.url(key), key, into: page) else {
                        self.forget([key])
                        break
                    }
                    count += 1
                }
                self.touch(Array(keys.prefix(count)))
                continuation.resume(returning: count)
            }
        }
    }

    /// Writes the pages that are not there yet, and marks all as used.
    package func write(_ keys: [PrefixKey], from places: PagePlaces) async {
        await withCheckedContinuation { continuation in
            writers.async {
                for (key, page) in zip(keys, places.pages) {
                    guard self.write(key, UnsafeRawBufferPointer(page)) else { break }
                }
                self.syncFolder()
                self.touch(keys)
                continuation.resume()
            }
        }
    }

    private func write(_ key: PrefixKey, _ page: UnsafeRawBufferPointer) -> Bool {
        let size = page.count + PageFile.headerBytes
        guard size <= byteLimit else { return false }
        let number: Int? = catalogue.withLock { catalogue in
            catalogue.temporaries += 1
            return catalogue.entries[key] == nil ? catalogue.temporaries : nil
        }
        guard let number else { return true }
        let name = "\(key.hexadecimal).\(ProcessInfo.processInfo.processIdentifier).\(number)\(Self.temporarySuffix)"
        guard PageFile.write(page, key, to: url(key), temporary: folder.appending(path: name)) else { return false }
        let surplus = catalogue.withLock { catalogue in
            catalogue.add(key, bytes: size)
            return catalogue.trim(to: byteLimit)
        }
        for old in surplus { unlink(path(old)) }
        return true
    }

    /// Marks pages as used, the first of a text last, so that what others depend on stays longest.
    private func touch(_ keys: [PrefixKey]) {
        for key in keys.reversed() {
            catalogue.withLock { $0.use(key) }
            utimensat(AT_FDCWD, path(key), nil, 0)
        }
    }

    private func forget(_ keys: [PrefixKey]) {
        for key in keys {
            catalogue.withLock { $0.remove(key) }
            unlink(path(key))
        }
    }

    /// A renamed file is certain to be found after a crash once its folder is synced.
    private func syncFolder() {
        let descriptor = open(folder.path(percentEncoded: false), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Finds what is there by name and size alone; removes parts that were left behind and what is beyond the limit.
    private func scan() {
        let wanted: [URLResourceKey] = [.fileSizeKey, .contentModificationDateKey, .isRegularFileKey]
        let files =
            (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: wanted)) ?? []
        var found: [(key: PrefixKey, bytes: Int, date: Date)] = []
        for file in files {
            guard let values = try? file.resourceValues(forKeys: Set(wanted)), values.isRegularFile == true else {
                continue
            }
            let date = values.contentModificationDate ?? .distantPast
            let name = file.lastPathComponent
            if name.hasSuffix(Self.temporarySuffix), date.timeIntervalSinceNow < -3600 {
                // Another process may still be at younger ones.
                unlink(file.path(percentEncoded: false))
            } else if name.hasSuffix(Self.suffix), let key = PrefixKey(hexadecimal: name.dropLast(Self.suffix.count)) {
                found.append((key, values.fileSize ?? 0, date))
            }
        }
        let surplus = catalogue.withLock { catalogue in
            for file in found.sorted(by: { $0.date < $1.date }) { catalogue.add(file.key, bytes: file.bytes) }
            return catalogue.trim(to: byteLimit)
        }
        for key in surplus { unlink(path(key)) }
    }

    private func url(_ key: PrefixKey) -> URL { folder.appending(path: key.hexadecimal + Self.suffix) }

    private func path(_ key: PrefixKey) -> String { url(key).path(percentEncoded: false) }
}

/// Pages in the hands of a thread that reads or writes them.
package struct PagePlaces: @unchecked Sendable {
    // Sendable: the engine holds the pages until the thread is done, and nobody else writes them.

    let pages: [UnsafeMutableRawBufferPointer]

    package init(_ pages: [UnsafeMutableRawBufferPointer]) { self.pages = pages }
}
