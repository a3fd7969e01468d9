import Foundation

/// Other programs that tests run.
enum ToolRun {
    static func hasPip() async -> Bool { await status("/usr/bin/env", ["python3", "-m", "pip", "--version"]) == 0 }

    /// Runs a program without output to its end; -1 if it cannot be started.
    ///
    /// Polls, because `waitUntilExit` holds a thread of the concurrency pool, of which there may be two.
    static func status(_ program: String, _ arguments: [String]) async -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        return process.terminationStatus
    }
}
