package import SwiftletTensors

/// The least time that a machine could take for a test: the roofline (Williams, Waterman and Patterson, 2009).
///
/// Each step takes at least as long as its multiply-adds at the peak of their kind, one kind after the other, and at least as
/// long as its weights and cached keys and values take to come from memory. Norms, softmax, sampling and activations count as
/// nothing. A model that fits a cache can be faster than this limit of memory.
public struct SpeedLimit: Sendable, Hashable {
    /// What holds a test back at the limit.
    public enum Bound: String, Sendable {
        /// Multiply-adds of int8.
        case int8
        /// Multiply-adds of floats or of BF16.
        case float
        /// Reading memory.
        case memory
    }

    public let seconds: Double
    public let bound: Bound
    /// Tokens a second at the limit.
    public let rate: Double

    /// The share of the limit that `rate` reaches, 1 at most where the limit is one.
    public func share(of rate: Double) -> Double { self.rate > 0 ? rate / self.rate : 0 }

    package init(_ test: SpeedTest, _ work: ModelWork, _ peaks: MachinePeaks) {
        var spent = Spent()
        for first in stride(from: 0, to: test.prompt, by: test.step) {
            let rows = min(test.step, test.prompt - first)
            let isLast = first + rows == test.prompt
            spent.add(
                Step(rows: rows, sequences: 1, position: test.depth + first, outputs: isLast ? 1 : 0), work, peaks)
        }
        for index in 0..<test.generation {
            let position = test.depth + test.prompt + index
            spent.add(
                Step(rows: test.sequences, sequences: test.sequences, position: position, outputs: test.sequences),
                work, peaks)
        }
        seconds = spent.total
        bound = spent.bound
        rate = seconds > 0 ? Double(test.tokens) / seconds : 0
    }
}

/// One model step: `rows` that continue `sequences` sequences of `position` tokens each.
private struct Step {
    let rows: Int
    let sequences: Int
    let position: Int
    let outputs: Int

    /// Positions that the rows see in a layer, all together, and positions whose keys and values that takes.
    func cells(window: Int?) -> (seen: Double, read: Double) {
        let each = rows / sequences
        let reach = window ?? .max
        // Rows until the window is full see one position more each; the others see the window.
        let growing = min(max(reach - position, 0), each)
        let first = Double(min(position, reach))
        let seen =
            Double(growing) * first + Double(growing) * Double(growing + 1) / 2
            + Double(each - growing) * Double(min(reach, position + each))
        let (span, overflow) = reach.addingReportingOverflow(each - 1)
        let read = overflow ? position + each : min(span, position + each)
        return (seen * Double(sequences), Double(read * sequences))
    }
}

private struct Spent {
    private var integer = 0.0
    private var float = 0.0
    private var memory = 0.0
    private(set) var total = 0.0

    mutating func add(_ step: Step, _ work: ModelWork, _ peaks: MachinePeaks) {
        let (rows, outputs) = (Double(step.rows), Double(step.outputs))
        let integers = rows * (work.dense.integer + work.experts.integer) + outputs * work.output.integer
        var floats = rows * (work.dense.float + work.experts.float) + outputs * work.output.float
        let bfloats = rows * (work.dense.bfloat + work.experts.bfloat) + outputs * work.output.bfloat
        var bytes =
            work.dense.bytes + min(1, rows * work.expertShare) * work.experts.bytes
            + (outputs > 0 ? work.output.bytes : 0)
        for attention in work.attention {
            let cells = step.cells(window: attention.window)
            floats += cells.seen * work.attentionMultiplyAdds * Double(attention.layers)
            bytes += cells.read * work.cacheBytes * Double(attention.layers)
        }
        let (ofIntegers, ofFloats) = (integers / peaks.integer, floats / peaks.float + bfloats / peaks.bfloat)
        let (arithmetic, ofMemory) = (ofIntegers + ofFloats, bytes / peaks.bandwidth)
        if arithmetic > ofMemory {
            integer += ofIntegers
            float += ofFloats
        } else {
            memory += ofMemory
        }
        total += max(arithmetic, ofMemory)
    }

    /// What most of the time goes to.
    var bound: SpeedLimit.Bound {
        if memory >= integer + float { return .memory }
        return integer >= float ? .int8 : .float
    }
}
