import ArgumentParser
import Foundation
import SwiftletEngine
import SwiftletEvaluation
import SwiftletGround
import SwiftletModels
import SwiftletTensors

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast models run here, and what share of this machine's limits that is.",
        discussion: """
            Options and JSON fields are llama-bench's; every combination of their values is a test: pp reads a prompt, tg \
            generates, pp+tg (-pg) does both. Lists are 128,256 or ranges: 1-4, 16-64+16 (steps), 1-64*2 (factors); options \
            may be repeated. Tokenizing and sampling are not in the times.

            Before the tests, two seconds for each number of threads go to measuring what the machine can do: reading memory, \
            multiply-adds of int8 and of floats. "of limit" is the share of the best possible speed that a test reaches, and \
            what holds it back there. Energy is shown where the system tells it (Linux: /sys/class/powercap is readable).

              $ swiftlet bench smollm2:135m
              $ swiftlet bench -m a.gguf -m b.gguf -p 512 -n 128 -d 0,4096 -t 1-2 -o json > results.json
              $ swiftlet bench smollm2:135m -p 0 -n 64 -np 1,8 -ctk f16,q8_0
            """)

    @Argument(help: ArgumentHelp("Models of the library, or paths to .gguf files.", valueName: "MODEL"))
    var names: [String] = []

    @Option(name: [.customShort("m"), .customLong("model")], help: ArgumentHelp("The same.", valueName: "MODEL"))
    var models: [String] = []

    @OptionGroup var values: BenchValues

    @Option(name: [.short, .long], help: ArgumentHelp("Runs of each test.", valueName: "n"))
    var repetitions = 5

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Priority: -1 low, 0 as it is, 1 medium, 2 high, 3 highest.", valueName: "n"))
    var prio = 0

    @Option(help: ArgumentHelp("Seconds to rest before each test.", valueName: "n"))
    var delay = 0

    @Option(name: [.short, .long], help: "The form of the results.")
    var output = BenchFormat.md

    @Option(
        name: [.customLong("oe", withSingleDash: true), .customLong("output-err")],
        help: "A second form of them, on standard error.")
    var errorOutput: BenchFormat?

    @Flag(help: "Tell of each run on standard error, where that is no terminal too.")
    var progress = false

    @Flag(help: "Leave out the run before the first that counts.")
    var noWarmup = false

    @Flag(help: "Do not measure the machine's limits.")
    var noRoofline = false

    @OptionGroup var ignored: BenchIgnoredOptions

    func validate() throws {
        if names.isEmpty && models.isEmpty { throw ValidationError("name a model: -m FILE") }
        if repetitions < 1 || repetitions > 1_000_000 {
            throw ValidationError("--repetitions must be from 1 to 1000000")
        }
        if !(-1...3).contains(prio) { throw ValidationError("--prio must be from -1 to 3") }
        if delay < 0 || delay > 86_400 { throw ValidationError("--delay must be from 0 to 86400") }
        if values.plan.tests.isEmpty { throw ValidationError("there is nothing to measure: -p and -n are 0") }
    }

    func run() async throws {
        ignored.tell()
        let (plan, all) = (values.plan, models + names)
        let longest = plan.tests.map(\.contextLength).max() ?? 0
        let runners = try all.map { name in
            let options = ModelOptions(contextLength: max(longest, 1))
            let model = try LanguageModel(contentsOf: ModelArgument.locateFile(name), options: options)
            return SpeedRunner(model, repetitions: repetitions, warmsUp: !noWarmup, delay: .seconds(delay))
        }
        // Better known before hours of work than after.
        for (name, runner) in zip(all, runners) {
            for test in plan.tests {
                do {
                    try runner.check(test)
                } catch let error as EvaluationError {
                    throw error.within(name)
                }
            }
        }
        if prio != 0 { try ProcessPriority.set(prio) }
        let printer = BenchPrinter(
            output, errorOutput, columns: BenchColumns(shown: values.shownColumns, hasRoofline: !noRoofline))
        try printer.begin()
        do {
            try await Interrupts(SIGINT, SIGTERM).cancelling {
                try await measure(zip(all, runners).map { ($0, $1) }, plan.tests, printer)
            }
        } catch {
            // What was measured stays readable: JSON is closed.
            try printer.end()
            throw error
        }
        try printer.end()
    }

    private func measure(
        _ runners: [(name: String, runner: SpeedRunner)], _ tests: [SpeedTest], _ printer: BenchPrinter
    ) async throws {
        let line = BenchProgress(tests: runners.count * tests.count, always: progress)
        var peaks: [Int: MachinePeaks] = [:]
        for (name, runner) in runners {
            let model = BenchModel(name: name, runner.model)
            for test in tests {
                if !noRoofline, peaks[test.threads] == nil {
                    line.show("measuring the machine's limits with \(test.threads) threads")
                    peaks[test.threads] = try await runner.peaks(threads: test.threads)
                }
                line.begin(test)
                let result = try await runner.run(test) { line.show($0) }
                line.clear()
                let limit = peaks[test.threads].map { (runner.limit(test, $0), $0) }
                try printer.print(BenchRecord(model: model, result: result, limit: limit))
            }
        }
    }
}
