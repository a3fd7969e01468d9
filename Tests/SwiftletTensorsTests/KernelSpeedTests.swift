import Foundation
import SwiftletTensors
import Testing

/// Speed of matmul alone, a line a type: `SWIFTLET_KERNEL_BENCHMARK=1 swift test -c release --disable-testable-imports
/// --filter KernelSpeed`. Prints, asserts only that work was done; SWIFTLET_THREADS sets the threads (2).
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SWIFTLET_KERNEL_BENCHMARK"] != nil))
struct KernelSpeedTests {
    private static func seconds(_ repeats: Int, _ body: () -> Void) -> Double {
        (0..<repeats).map { _ in
            let time = ContinuousClock().measure(body)
            return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        }.min() ?? 0
    }

    @Test func matmul() {
        let environment = ProcessInfo.processInfo.environment
        let threads = environment["SWIFTLET_THREADS"].flatMap { Int($0) } ?? 2
        let compute = Compute(threads: threads)
        var dice = Dice(31)
        print("\(compute.instructionSet), \(threads) threads, weights [rows, 1536], best of 5")
        print("type     GEMV GB/s  GMAC/s | 8 rows GMAC/s | 256 rows GMAC/s")
        for type in RandomWeight.types where environment["SWIFTLET_TYPE"].map({ $0 == type.name }) ?? true {
            let columns = 1536
            // One pattern repeated: random bits for 100 MB would take longer than the measurement.
            let small = RandomWeight(type, rows: 16, columns: columns, &dice).tensor
            let rows = 120_000_000 / small.rowBytes / 16 * 16
            let buffer = AlignedBuffer(byteCount: rows * small.rowBytes)
            for first in stride(from: 0, to: buffer.bytes.count, by: small.bytes.count) {
                (buffer.bytes.baseAddress! + first).copyMemory(
                    from: small.bytes.baseAddress!, byteCount: small.bytes.count)
            }
            let weight = try! TensorView(
                name: "w", shape: [rows, columns], type: type, bytes: UnsafeRawBufferPointer(buffer.bytes),
                owner: buffer)
            func run(_ tokens: Int, rows: Int) -> Double {
                let x = Matrix.random(tokens, columns, &dice), y = Matrix(tokens, rows), part = weight.rows(0..<rows)
                let time = Self.seconds(5) { compute.matmul(x.view, part, into: y.view) }
                #expect(y[tokens - 1, rows - 1] != 0)
                return time
            }
            let one = run(1, rows: rows), eight = run(8, rows: rows), many = run(256, rows: 1536)
            let macs = Double(rows * columns) / 1e9
            let name = type.name.padding(toLength: 8, withPad: " ", startingAt: 0)
            let figures = [
                Double(buffer.bytes.count) / one / 1e9, macs / one, macs * 8 / eight,
                256 * 1536 * 1536 / 1e9 / many,
            ]
            print(name, figures.map { String(format: "%10.1f", $0) }.joined(separator: " "))
        }
    }
}
