import SwiftletEngine

/// Several answers at once: each prompt's first one begins alone, and the others when it has read the prompt, so that they
/// find it computed.
struct Choices: Sendable {
    /// Answers to each prompt.
    let perPrompt: Int
    let start: @Sendable (Int) throws -> ChatStream
    private let count: Int
    private let atOnce: Int

    /// `atOnce`: answers that are in the engine's hands together.
    init(
        prompts: Int = 1, perPrompt: Int, atOnce: Int,
        start: @escaping @Sendable (Int) throws -> ChatStream
    ) {
        (self.perPrompt, self.atOnce, self.start) = (perPrompt, atOnce, start)
        count = prompts * perPrompt
    }

    /// Calls `body` with each event and the number of its choice until all have finished. The first error ends them all.
    func run(_ body: (Int, ChatEvent) async throws -> Void) async throws {
        let record = CallRecord.current
        guard count > 1 else {
            var hasFinished = false
            for try await event in try start(0) {
                if case .finished = event { hasFinished = true }
                record?.take(event)
                try await body(0, event)
            }
            if !hasFinished { throw CancellationError() }
            return
        }
        let (events, continuation) = AsyncThrowingStream<(Int, ChatEvent), any Error>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let firsts = stride(from: 0, to: count, by: perPrompt)
            // The next one last.
            var ready = Array(firsts.reversed())
            var waiting = Set(firsts)
            var (running, unfinished) = (0, count)
            func begin() throws {
                while running < atOnce, let index = ready.popLast() {
                    let stream = try start(index)
                    running += 1
                    group.addTask {
                        do {
                            var hasFinished = false
                            for try await event in stream {
                                if case .finished = event { hasFinished = true }
                                continuation.yield((index, event))
                            }
                            if !hasFinished { continuation.finish(throwing: CancellationError()) }
                        } catch {
                            continuation.finish(throwing: error)
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            try begin()
            for try await (index, event) in events {
                record?.take(event, choice: index)
                if event.isAfterPrompt, waiting.remove(index) != nil {
                    ready += (index + 1..<index + perPrompt).reversed()
                }
                try await body(index, event)
                if case .finished = event {
                    running -= 1
                    unfinished -= 1
                }
                if unfinished == 0 { return }
                try begin()
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
