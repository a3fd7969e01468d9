import Foundation
import SwiftletTokenizers
import Testing

/// At least 5 MB of English prose a second on one core, each kind of tokenizer; in release builds only, and with the time of
/// this thread alone, so that a busy machine does not fail it.
@Suite(.enabled(if: Shared.exists && !isDebug))
struct SpeedTests {
    @Test(arguments: [
        "ggml-vocab-llama-bpe.gguf", "ggml-vocab-qwen2.gguf", "ggml-vocab-llama-spm.gguf", "ggml-vocab-bert-bge.gguf",
    ])
    func prose(_ name: String) throws {
        let tokenizer = try Shared.tokenizer(name)
        let text = try String(contentsOf: Shared.root.appending(path: "corpus/evaluation.txt"), encoding: .utf8)
        let seconds =
            (0..<5).map { _ in
                let start = Self.threadTime()
                _ = tokenizer.encode(text)
                return Self.threadTime() - start
            }.min() ?? .infinity
        let speed = Double(text.utf8.count) / seconds / 1e6
        print("\(name): \(Int(speed)) MB/s")
        #expect(speed > 5, "\(name): \(speed) MB/s")
    }

    private static func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

private let isDebug: Bool = {
    #if DEBUG
    return true
    #else
    return false
    #endif
}()
