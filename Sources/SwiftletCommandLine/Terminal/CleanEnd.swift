import Foundation

/// The writing of files that Ctrl-C ends cleanly: nothing of the file under way is left.
enum CleanEnd {
    static func of<Value: Sendable>(_ writing: @escaping @Sendable () async throws -> Value) async throws -> Value {
        do {
            return try await Interrupts(SIGINT, SIGTERM, SIGHUP).cancelling(writing)
        } catch is CancellationError {
            StandardError.write("swiftlet: interrupted; the file under way is removed\n")
            throw CancellationError()
        }
    }
}
