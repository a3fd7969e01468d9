import Foundation
import SwiftletGround

/// The user's Python, which brings wheels by its own pip (mirrors, proxies and certificates as the user set them) and
/// reads them by its own zipfile.
struct Python: Sendable {
    let environment: LibraryEnvironment

    /// What a finished run left.
    struct Outcome: Sendable {
        let status: Int32
        let output: Data
        /// The last few kilobytes of standard error.
        let errors: String
    }

    /// Runs Python with arguments to its end; ends it if the task is cancelled.
    ///
    /// Standard output goes to `output` if given, else into the outcome. `poll` is called several times a second.
    func run(
        _ arguments: [String], variables: [String: String] = [:], output: FileHandle? = nil,
        poll: @escaping @Sendable () -> Void = {}
    ) async throws -> Outcome {
        let process = Process()
        process.executableURL = try interpreter()
        process.arguments = arguments
        process.environment = environment.variables.merging(variables) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Files, not pipes: nothing can fill up and block, and no reader thread is needed.
        let stem = "\(FileManager.default.temporaryDirectory.path(percentEncoded: false))/swiftlet-\(UUID().uuidString)"
        let outputFile = URL(filePath: stem + ".out")
        let errorFile = URL(filePath: stem + ".err")
        for file in [outputFile, errorFile] {
            let path = file.path(percentEncoded: false)
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw LibraryError.storage("cannot be created", path, errno) }
            close(descriptor)
        }
        defer {
            unlink(outputFile.path(percentEncoded: false))
            unlink(errorFile.path(percentEncoded: false))
        }
        process.standardOutput = try output ?? FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        let status = try await runToEnd(process, poll)
        let errors = (try? Data(contentsOf: errorFile)) ?? Data()
        return Outcome(
            status: status, output: output == nil ? (try? Data(contentsOf: outputFile)) ?? Data() : Data(),
            errors: String(decoding: errors.suffix(8192), as: UTF8.self))
    }

    private func runToEnd(_ process: Process, _ poll: @escaping @Sendable () -> Void) async throws -> Int32 {
        let ended = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            ended.continuation.yield(process.terminationReason == .exit ? process.terminationStatus : -1)
            ended.continuation.finish()
        }
        do {
            try process.run()
        } catch {
            throw LibraryError(
                .python, "cannot be started", at: environment.python, advice: Self.advice, cause: error)
        }
        let identifier = process.processIdentifier
        let ticking = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .milliseconds(200))
                poll()
            }
        }
        defer { ticking.cancel() }
        let status = await withTaskCancellationHandler {
            // Waits outside of this task's cancellation, so that the process is surely gone when this returns.
            await Task.detached { await ended.stream.first { _ in true } ?? -1 }.value
        } onCancel: {
            kill(identifier, SIGTERM)
        }
        try Task.checkCancellation()
        return status
    }

    /// The interpreter's path: `python` itself if it holds a slash, else the first on PATH.
    private func interpreter() throws(LibraryError) -> URL {
        let name = environment.python
        if name.contains("/") {
            guard access(name, X_OK) == 0 else {
                throw LibraryError(.python, "is not an executable file", at: name.shortened, advice: Self.advice)
            }
            return URL(filePath: name)
        }
        for folder in (environment.variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
            let path = "\(folder)/\(name)"
            if access(path, X_OK) == 0 { return URL(filePath: path) }
        }
        throw LibraryError(.python, "is not on the PATH", at: name.shortened, advice: Self.advice)
    }

    static let advice =
        "pypi: sources need Python 3 with pip (Debian: apt install python3-pip); SWIFTLET_PYTHON names another Python"
}
