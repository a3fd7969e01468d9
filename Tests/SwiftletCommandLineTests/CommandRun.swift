import Foundation
import Testing

/// One run of the built `swiftlet`, as another program would start it.
struct CommandRun {
    let status: Int32
    let output: Data
    let error: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [Substring] { text.split(separator: "\n") }

    /// Standard output as JSON.
    func json() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: output) as? [String: Any])
    }

    /// Runs the command to its end with `input` on standard input.
    init(_ arguments: [String], input: String = "", home: URL? = nil, environment: [String: String] = [:]) throws {
        let process = Self.process(arguments, home: home)
        process.environment?.merge(environment) { $1 }
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
        try process.run()
        // All three at once, since each pipe holds only so much.
        let (collected, writing) = (Collected(), DispatchGroup())
        writing.enter()
        DispatchQueue.global().async {
            try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try? stdin.fileHandleForWriting.close()
            writing.leave()
        }
        writing.enter()
        DispatchQueue.global().async {
            collected.data = stderr.fileHandleForReading.readDataToEndOfFile()
            writing.leave()
        }
        output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        writing.wait()
        status = process.terminationStatus
        error = String(decoding: collected.data, as: UTF8.self)
    }

    private final class Collected: @unchecked Sendable {
        // Sendable: read only after the group that the writer left.
        var data = Data()
    }

    /// A process that is not started yet, in an environment of its own: no library, no history of the user's.
    static func process(_ arguments: [String], home: URL? = nil) -> Process {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        let home = home ?? emptyHome
        variables["SWIFTLET_HOME"] = home.appending(path: "library").path(percentEncoded: false)
        variables["XDG_STATE_HOME"] = home.appending(path: "state").path(percentEncoded: false)
        variables["TERM"] = "xterm"
        process.environment = variables
        return process
    }

    /// `swiftlet` lies beside the tests' own executable.
    static let executable: URL = {
        let own = URL(filePath: CommandLine.arguments[0])
        let folders =
            [own.deletingLastPathComponent()] + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let places = folders.map { $0.appending(path: "swiftlet") }
        return places.first { FileManager.default.isExecutableFile(atPath: $0.path(percentEncoded: false)) }
            ?? places[0]
    }()

    private static let emptyHome = FileManager.default.temporaryDirectory
        .appending(path: "swiftlet-command-tests-\(ProcessInfo.processInfo.processIdentifier)")
}

/// A folder that is there as long as the value.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "swiftlet-test-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        return path(name)
    }
}
