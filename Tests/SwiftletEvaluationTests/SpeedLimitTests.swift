import Foundation
import SwiftletEngine
import SwiftletEvaluation
import SwiftletTensors
import Testing

/// Statistics, the roofline and the energy counters, from numbers that were worked out by hand.
@Suite struct SpeedLimitTests {
    private let peaks = MachinePeaks(
        threads: 2, instructionSet: "avx2", integer: 400e9, float: 100e9, bandwidth: 20e9)

    /// 1,000 M multiply-adds of int8 in the layers, 100 M in the output layer, a byte each.
    private var work: ModelWork {
        var work = ModelWork()
        work.dense = ModelWork.Weights(integer: 1e9, bytes: 1e9)
        work.output = ModelWork.Weights(integer: 1e8, bytes: 1e8)
        return work
    }

    private func limit(_ test: SpeedTest, _ work: ModelWork) -> SpeedLimit { SpeedLimit(test, work, peaks) }

    @Test func promptIsBoundByArithmetic() {
        var test = SpeedTest(prompt: 1000, generation: 0, threads: 2)
        let limit = limit(test, work)
        #expect(limit.bound == .int8)
        // Only the last token meets the output layer.
        #expect(abs(limit.seconds - (1000e9 + 1e8) / 400e9) < 1e-9)
        #expect(abs(limit.share(of: limit.rate / 2) - 0.5) < 1e-12)
        // One token at a time, every one of them waits for the weights.
        test.microBatch = 1
        let slow = self.limit(test, work)
        #expect(slow.bound == .memory)
        #expect(abs(slow.seconds - (1000 * 1e9 + 1e8) / 20e9) < 1e-6)
    }

    @Test func generationIsBoundByMemory() {
        let limit = limit(SpeedTest(prompt: 0, generation: 10, threads: 2), work)
        #expect(limit.bound == .memory)
        #expect(abs(limit.rate - 20e9 / 1.1e9) < 1e-6)
    }

    @Test func floatsHaveTheirOwnPeak() {
        var work = ModelWork()
        work.dense = ModelWork.Weights(integer: 1e9, float: 1e9, bytes: 1)
        let limit = limit(SpeedTest(prompt: 100, generation: 0, threads: 2), work)
        #expect(limit.bound == .float)
        #expect(abs(limit.seconds - 100 * (1 / 400.0 + 1 / 100.0)) < 1e-9)
    }

    @Test func bfloatsHaveThePeakOfFloatsOrTheirOwn() {
        var work = ModelWork()
        work.dense = ModelWork.Weights(bytes: 1)
        work.dense.bfloat = 1e9
        let test = SpeedTest(prompt: 100, generation: 0, threads: 2)
        #expect(limit(test, work).bound == .float)
        #expect(abs(limit(test, work).seconds - 100 / 100.0) < 1e-9)
        let fast = MachinePeaks(
            threads: 2, instructionSet: "avx512BF16", integer: 400e9, float: 100e9, bfloat: 200e9, bandwidth: 20e9)
        #expect(abs(SpeedLimit(test, work, fast).seconds - 100 / 200.0) < 1e-9)
    }

    @Test func sequencesShareTheWeights() {
        var test = SpeedTest(prompt: 0, generation: 10, threads: 2)
        let one = limit(test, work).rate
        test.sequences = 8
        #expect(abs(limit(test, work).rate / one - 8) < 1e-9)
    }

    /// Positions seen and read, counted one by one.
    @Test(arguments: [nil, 1, 5, 64, 1000]) func attentionSeesWhatItsWindowHolds(_ window: Int?) {
        var work = ModelWork()
        work.attention = [ModelWork.Attention(layers: 3, window: window)]
        work.attentionMultiplyAdds = 1e6
        var test = SpeedTest(prompt: 37, generation: 0, threads: 2)
        test.microBatch = 10
        for depth in [0, 3, 100] {
            test.depth = depth
            let seen = (0..<37).reduce(0) { $0 + min(window ?? .max, depth + $1 + 1) }
            #expect(abs(limit(test, work).seconds - Double(seen) * 3e6 / 100e9) < 1e-9)
        }
        (work.attentionMultiplyAdds, work.cacheBytes) = (0, 1e6)
        (test.prompt, test.generation, test.sequences) = (0, 4, 2)
        for depth in [0, 3, 100] {
            test.depth = depth
            let read = (0..<4).reduce(0) { $0 + 2 * min(window ?? .max, depth + $1 + 1) }
            #expect(abs(limit(test, work).seconds - Double(read) * 3e6 / 20e9) < 1e-9)
        }
    }

    @Test func meansAndDeviationsAreLlamaBenchs() {
        // llama-bench's README: these samples, 7100.002165 ± 141.341520 (its mean is of rates, not of times).
        let nanoseconds = [74_601_900, 71_632_900, 71_745_200, 71_952_700, 70_745_500]
        let result = SpeedResult(
            test: SpeedTest(prompt: 512, generation: 0, threads: 8), start: Date(), nanoseconds: nanoseconds,
            firstToken: nanoseconds, joules: 256)
        #expect(abs(result.rate.mean - 7100.002165) < 1e-3)
        #expect(abs(result.rate.deviation - 140.341520) < 1e-3)
        #expect(abs(result.duration.mean - 72_135_640) < 1 && abs(result.duration.deviation - 1_453_752) < 1)
        #expect(abs((result.timeToFirstToken ?? 0) - 72_135_640) < 1)
        #expect(abs((result.joulesPerToken ?? 0) - 0.1) < 1e-12)
        #expect(SpeedResult.Spot([3]).deviation == 0)
    }

    @Test func energyCountersTurnOver() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-powercap-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ domain: String, _ file: String, _ text: String) throws {
            let place = folder.appending(path: domain)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: place.appending(path: file))
        }
        #expect(EnergyMeter(folder) == nil)
        try write("intel-rapl", "enabled", "1\n")
        #expect(EnergyMeter(folder) == nil)
        try write("intel-rapl:0", "energy_uj", "9000000\n")
        try write("intel-rapl:0", "max_energy_range_uj", "10000000\n")
        try write("intel-rapl:0:0", "energy_uj", "1\n")
        try write("intel-rapl:1", "energy_uj", "5\n")
        let meter = try #require(EnergyMeter(folder))
        let start = try #require(meter.reading)
        #expect(start == [9_000_000, 5])
        try write("intel-rapl:0", "energy_uj", "1000000\n")
        try write("intel-rapl:1", "energy_uj", "1000005\n")
        #expect(abs(meter.joules(from: start, to: try #require(meter.reading)) - 3) < 1e-9)
        try write("intel-rapl:1", "energy_uj", "none\n")
        #expect(meter.reading == nil)
    }
}
