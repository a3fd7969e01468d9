import Foundation
import SwiftletEngine
import SwiftletGround
public import SwiftletModels
public import SwiftletTensors
import SwiftletTokenizers

/// Runs tests of speed as llama-bench does: tokens are evaluated, and neither tokenized nor sampled.
///
/// A token is given by its place in the sequence, so that what a sequence holds serves every test that begins at or below it.
/// Cancelling the task stops within one model step.
public actor SpeedRunner {
    public nonisolated let model: LanguageModel
    public nonisolated let repetitions: Int
    private let warmsUp: Bool
    private let delay: Duration
    private let meter = EnergyMeter()
    private var engine: Engine?
    private var sessions: [Session] = []

    /// Each test runs `repetitions` times, after a run that is not counted if `warmsUp`, and `delay` after the one before it.
    public init(_ model: LanguageModel, repetitions: Int = 5, warmsUp: Bool = true, delay: Duration = .zero) {
        precondition(repetitions > 0, "\(repetitions) repetitions")
        (self.model, self.repetitions, self.warmsUp, self.delay) = (model, repetitions, warmsUp, delay)
    }

    /// Throws for a test that the model cannot run: a sequence longer than its context, a cache that does not fit it.
    public nonisolated func check(_ test: SpeedTest) throws {
        let most = model.configuration.contextLength
        guard test.contextLength <= most else {
            throw EvaluationError(
                .invalidParameter,
                "\(test.name) needs a context of \(test.contextLength) tokens, and the model was trained for \(most)",
                advice: "Choose a smaller -p, -n or -d")
        }
        // A cache of one position: what is wrong with its type is wrong at any length.
        _ = try ContiguousCache(model.decoder.keyValueShape, capacity: 1, type: test.cacheType)
    }

    /// What the machine does at best with so many threads; takes about two seconds.
    public func peaks(threads: Int) async throws -> MachinePeaks {
        let peaks = await engine(threads: threads, batchSize: EngineOptions().batchSize).machinePeaks()
        try Task.checkCancellation()
        return peaks
    }

    /// The least time that a machine of these peaks could take for the test.
    public nonisolated func limit(_ test: SpeedTest, _ peaks: MachinePeaks) -> SpeedLimit {
        SpeedLimit(test, ModelWork(model, cacheType: test.cacheType), peaks)
    }

    /// Runs one test; `progress` hears of each run before it begins.
    public func run(
        _ test: SpeedTest, progress: @escaping @Sendable (SpeedProgress) -> Void = { _ in }
    ) async throws -> SpeedResult {
        try check(test)
        if delay > .zero { try await Task.sleep(for: delay) }
        let engine = engine(threads: test.threads, batchSize: test.step)
        let sequences = SpeedSequences(
            sessions: try await sessions(for: test, engine), vocabularySize: model.configuration.vocabularySize)
        return try await engine.perform { [warmsUp, repetitions, meter] engine in
            progress(.depth)
            try sequences.move(to: test.depth, engine)
            if warmsUp {
                progress(.warmup)
                _ = try sequences.run(test, generation: min(test.generation, 1), engine)
            }
            var (times, firsts): ([Int], [Int]) = ([], [])
            let (start, energy) = (Date(), meter?.reading)
            for index in 0..<repetitions {
                progress(.run(index + 1, of: repetitions))
                try sequences.move(to: test.depth, engine)
                let (first, whole) = try sequences.run(test, generation: test.generation, engine)
                times.append(whole)
                if test.prompt > 0 { firsts.append(first) }
            }
            var joules: Double?
            if let meter, let energy, let end = meter.reading { joules = meter.joules(from: energy, to: end) }
            return SpeedResult(test: test, start: start, nanoseconds: times, firstToken: firsts, joules: joules)
        }
    }

    private func engine(threads: Int, batchSize: Int) -> Engine {
        let options = EngineOptions(threads: threads, batchSize: batchSize)
        if let engine, engine.options == options { return engine }
        let engine = Engine(model, options: options)
        (self.engine, sessions) = (engine, [])
        return engine
    }

    /// Sequences that are long enough; those of the test before if they are.
    private func sessions(for test: SpeedTest, _ engine: Engine) async throws -> [Session] {
        let fits = sessions.allSatisfy {
            $0.cacheType == test.cacheType && $0.contextLength >= test.contextLength
        }
        if !fits || sessions.count < test.sequences {
            // Twice as long, so that the next test finds room: memory is only used as tokens come.
            let length = min(test.contextLength * 2, model.configuration.contextLength)
            sessions = []
            for _ in 0..<test.sequences {
                sessions.append(try await engine.makeSession(contextLength: length, cacheType: test.cacheType))
            }
        }
        return Array(sessions.prefix(test.sequences))
    }
}

/// What a test is about to do.
public enum SpeedProgress: Sendable, Hashable {
    /// Filling the sequence with the tokens that come before the test.
    case depth
    case warmup
    case run(Int, of: Int)
}

/// The sequences of a test, whose tokens are given by their places.
private struct SpeedSequences: Sendable {
    let sessions: [Session]
    let vocabularySize: Int

    /// Makes every sequence hold its first `count` tokens.
    func move(to count: Int, _ engine: isolated Engine) throws {
        for index in sessions.indices {
            let held = engine.count(sessions[index])
            if held >= count {
                engine.rewind(sessions[index], to: count)
            } else {
                try engine.advance(sessions[index], by: tokens(held..<count, of: index))
            }
        }
    }

    /// The prompt in the first sequence, then one token of each a step; nanoseconds to the prompt's end, and of all.
    func run(_ test: SpeedTest, generation: Int, _ engine: isolated Engine) throws -> (prompt: Int, all: Int) {
        let begin = test.depth + test.prompt
        let prompt = tokens(test.depth..<begin, of: 0)
        let next = sessions.indices.map { tokens(begin..<begin + generation, of: $0) }
        let start = ContinuousClock.now
        try engine.advance(sessions[0], by: prompt)
        let middle = ContinuousClock.now
        for step in 0..<generation {
            try Task.checkCancellation()
            if sessions.count == 1 {
                try engine.advance(sessions[0], by: [next[0][step]])
            } else {
                engine.advance(sessions, by: next.map { $0[step] })
            }
        }
        let end = ContinuousClock.now
        return (nanoseconds(middle - start), nanoseconds(end - start))
    }

    /// Spread over the vocabulary.
    private func tokens(_ places: Range<Int>, of sequence: Int) -> [TokenID] {
        places.map { TokenID(($0 * 7919 + sequence * 131 + 13) % min(vocabularySize, 30_000)) }
    }

    private func nanoseconds(_ duration: Duration) -> Int { Int(duration / .nanoseconds(1)) }
}
