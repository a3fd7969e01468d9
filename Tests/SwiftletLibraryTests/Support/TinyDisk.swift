import Foundation

/// A small file system in memory, mounted while a test runs; only root can mount one.
enum TinyDisk {
    static let isPossible: Bool = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-disk-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try mount(folder, size: 1 << 20, files: 10)
            unmount(folder)
            return true
        } catch {
            return false
        }
    }()

    /// Mounts a disk of `size` bytes that holds at most `files` files and folders, its own included, on an empty folder.
    static func with<Result>(
        at folder: URL, size: Int, files: Int = 1000, _ body: () async throws -> Result
    ) async throws -> Result {
        try mount(folder, size: size, files: files)
        defer { unmount(folder) }
        return try await body()
    }

    /// The same on a folder of its own.
    static func with<Result>(size: Int, files: Int = 1000, _ body: (URL) throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await with(at: folder, size: size, files: files) { try body(folder) }
    }

    /// Writes a file until the disk is full.
    static func fill(_ folder: URL, leaving free: Int = 0) throws {
        let url = folder.appending(path: "ballast")
        try Data().write(to: url)
        let file = try FileHandle(forWritingTo: url)
        defer { try? file.close() }
        var left = try FileManager.default.attributesOfFileSystem(forPath: folder.path)[.systemFreeSize] as? Int ?? 0
        while left > free {
            let count = min(left - free, 1 << 20)
            try file.write(contentsOf: Data(repeating: 1, count: count))
            left -= count
        }
    }

    private static func mount(_ folder: URL, size: Int, files: Int) throws {
        let options = "size=\(size),nr_inodes=\(files),mode=0755"
        try run("mount", "-t", "tmpfs", "-o", options, "swiftlet-test", folder.path)
    }

    private static func unmount(_ folder: URL) { try? run("umount", "-l", folder.path) }

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }
}
