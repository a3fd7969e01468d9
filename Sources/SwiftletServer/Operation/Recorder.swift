/// Something that keeps what calls leave behind, beside them and not on their way.
package protocol Recorder: Sendable {
    /// Keeps what comes until it is cancelled, and then the rest.
    func run() async
}

extension Recorder {
    /// Keeps what comes while `body` runs, and what it leaves.
    package func keep(_ body: () async throws -> Void) async throws {
        let recording = Task { await run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        recording.cancel()
        await recording.value
        try result.get()
    }
}
