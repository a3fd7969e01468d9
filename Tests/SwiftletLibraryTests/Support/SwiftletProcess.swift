import Foundation
import SwiftletLibrary

/// The built command, run as a process on a test's library.
final class SwiftletProcess: Sendable {
    struct End: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Beside the test bundle, where SwiftPM puts all products.
    static let path = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "swiftlet")
        .path
    static let isBuilt = FileManager.default.isExecutableFile(atPath: path)

    private let process: Process
    private let output: URL
    private let errors: URL

    /// Starts it; `limit` is `ulimit -f`.
    init(_ arguments: [String], _ library: Library, limit: Int? = nil) throws {
        let stem = library.home.deletingLastPathComponent().appending(path: UUID().uuidString).path
        (output, errors) = (URL(filePath: stem + ".out"), URL(filePath: stem + ".err"))
        process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            ["-c", (limit.map { "ulimit -f \($0); " } ?? "") + "exec \"$0\" \"$@\"", Self.path] + arguments
        process.environment = library.environment.variables
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until something is so, at most a minute.
    func wait(until condition: () -> Bool) async throws {
        for _ in 0..<6000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }

    var errorsSoFar: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// Waits for its end.
    func end() async -> End {
        while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        func text(_ url: URL) -> String { (try? String(contentsOf: url, encoding: .utf8)) ?? "" }
        return End(status: process.terminationStatus, output: text(output), errors: text(errors))
    }
}
