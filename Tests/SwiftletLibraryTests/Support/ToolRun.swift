import Foundation

/// Other programs that tests run.
enum ToolRun {
    static let hasPip = status("/usr/bin/env", ["python3", "-m", "pip", "--version"]) == 0

    /// Runs a program without output to its end; -1 if it cannot be started.
    static func status(_ program: String, _ arguments: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
