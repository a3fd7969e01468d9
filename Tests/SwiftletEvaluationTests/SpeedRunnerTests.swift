import Foundation
import SwiftletEngine
import SwiftletEvaluation
import SwiftletModels
import SwiftletTensors
import Testing

@Suite(.serialized, .enabled(if: Shared.isPresent)) struct SpeedRunnerTests {
    @Test(arguments: ["llama-dense", "llama-moe", "gemma2-dense"]) func runsEachTest(_ name: String) async throws {
        let runner = SpeedRunner(try TestModel.tiny(name), repetitions: 3)
        var plan = SpeedPlan(threads: [1, 2])
        (plan.prompts, plan.generations, plan.pairs) = ([40], [6], [(20, 4)])
        (plan.depths, plan.sequences, plan.microBatches) = ([0, 17], [1, 3], [16])
        for test in plan.tests {
            let result = try await runner.run(test)
            #expect(result.nanoseconds.count == 3 && result.nanoseconds.allSatisfy { $0 > 0 })
            #expect(result.firstToken.count == (test.prompt > 0 ? 3 : 0))
            for (first, all) in zip(result.firstToken, result.nanoseconds) {
                #expect(test.generation == 0 ? first <= all : first < all)
            }
            #expect(result.rate.mean > 0)
        }
    }

    @Test func hearsOfEachRun() async throws {
        let heard = Heard()
        var test = SpeedTest(prompt: 4, generation: 0, threads: 1)
        test.depth = 3
        let model = try TestModel.tiny("llama-dense")
        _ = try await SpeedRunner(model, repetitions: 2).run(test) { heard.add($0) }
        #expect(heard.all == [.depth, .warmup, .run(1, of: 2), .run(2, of: 2)])
        _ = try await SpeedRunner(model, repetitions: 1, warmsUp: false).run(test) { heard.add($0) }
        #expect(heard.all.suffix(2) == [.depth, .run(1, of: 1)])
    }

    @Test func impossibleTestsAreRefused() throws {
        let runner = SpeedRunner(try TestModel.tiny("llama-dense"))
        var long = SpeedTest(prompt: 1, generation: 0, threads: 1)
        long.depth = 1 << 30
        #expect(throws: EvaluationError.self) { try runner.check(long) }
    }

    @Test func cancellingStops() async throws {
        let model = try TestModel.tiny("llama-dense")
        let task = Task {
            try await SpeedRunner(model, repetitions: 1_000_000).run(SpeedTest(prompt: 0, generation: 50, threads: 1))
        }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// Against the shapes of the file, by another way: what its matrices hold.
    @Test func workIsWhatTheModelHolds() throws {
        let model = try TestModel.tiny("llama-moe")
        let work = ModelWork(model, cacheType: .f16)
        let (experts, used) = (model.configuration.expertCount, model.configuration.expertsUsed)
        #expect(experts > 1 && work.expertShare == Double(used) / Double(experts))
        let layer = model.configuration
        let gated = 3 * layer.embeddingLength * layer.feedForwardLength * layer.blockCount
        #expect(work.experts.float == Double(gated * used))
        #expect(work.experts.bytes == Double(gated * experts * 4))
        #expect(work.output.float == Double(layer.embeddingLength * layer.vocabularySize))
        #expect(work.dense.integer == 0 && work.dense.float > 0)
        #expect(work.attention.reduce(0) { $0 + $1.layers } == layer.blockCount)
        #expect(work.cacheBytes == Double(2 * layer.keyValueHeadCount * layer.headSize * 2))
    }

    /// What is measured is in proportion to the machine: a thread does no more than a vector of 64 bytes a nanosecond or so.
    @Test func peaksAreLikely() {
        let peaks = Compute(threads: 1).peaks(seconds: 0.2)
        #expect(peaks.threads == 1 && InstructionSet(rawValue: peaks.instructionSet) == .best)
        #expect((1e8...2e12).contains(peaks.integer), "\(peaks)")
        #expect((1e7...5e11).contains(peaks.float), "\(peaks)")
        #expect((1e8...1e12).contains(peaks.bandwidth), "\(peaks)")
        #expect(peaks.integer > peaks.float)
    }

    private final class Heard: @unchecked Sendable {
        // Sendable: written by one run at a time, read after it.
        private(set) var all: [SpeedProgress] = []
        func add(_ progress: SpeedProgress) { all.append(progress) }
    }
}
