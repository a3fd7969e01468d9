import SwiftletEngine

/// Several answers at once: each prompt's first one begins alone, and the others when it has read the prompt, so that they
/// find it computed.
struct Choices: Sendable {
    /// Answers to each prompt.
    let perPrompt: Int
    let start: @Sendable (Int) throws -> ChatStream
    private let count: Int

    init(prompts: Int = 1, perPrompt: Int, start: @escaping @Sendable (Int) throws -> ChatStream) {
        (self.perPrompt, self.start) = (perPrompt, start)
        count = prompts * perPrompt
    }

    /// Calls `body` with each event and the number of its choice until all have finished. The first error ends them all.
    func run(_ body: (Int, ChatEvent) async throws -> Void) async throws {
        guard count > 1 else {
            var hasFinished = false
            for try await event in try start(0) {
                if case .finished = event { hasFinished = true }
                try await body(0, event)
            }
            if !hasFinished { throw CancellationError() }
            return
        }
        let (events, continuation) = AsyncThrowingStream<(Int, ChatEvent), any Error>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            func add(_ index: Int) throws {
                let stream = try start(index)
                group.addTask {
                    do {
                        for try await event in stream { continuation.yield((index, event)) }
                    } catch {
                        continuation.finish(throwing: error)
                    }
                }
            }
            for index in stride(from: 0, to: count, by: perPrompt) { try add(index) }
            var waiting = Set(stride(from: 0, to: count, by: perPrompt))
            var unfinished = count
            defer { group.cancelAll() }
            for try await (index, event) in events {
                if event.isAfterPrompt, waiting.remove(index) != nil {
                    for other in index + 1..<index + perPrompt { try add(other) }
                }
                try await body(index, event)
                if case .finished = event { unfinished -= 1 }
                if unfinished == 0 { return }
            }
            throw CancellationError()
        }
    }
}

extension ChatEvent {
    fileprivate var isAfterPrompt: Bool {
        if case .prompt = self { false } else { true }
    }
}
