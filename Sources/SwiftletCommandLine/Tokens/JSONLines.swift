import Foundation
import SwiftletGround

/// One JSON value a line in, one line out.
enum JSONLines {
    /// Calls `body(value, &output)` for each line of standard input; blank lines are errors like all that is no JSON.
    ///
    /// Output is written as soon as there is no whole line left to answer, so that a program can ask and wait. Throws
    /// what `body` throws, with the line's number; the lines before it have been answered.
    static func run(_ body: (JSONValue, inout [UInt8]) throws(CommandError) -> Void) throws {
        var lines = StandardInputLines()
        var output: [UInt8] = []
        defer { try? StandardOutput.write(output) }
        var number = 0
        while true {
            if output.count > 1 << 16 || (!output.isEmpty && lines.wouldRead()) {
                try StandardOutput.write(output)
                output.removeAll(keepingCapacity: true)
            }
            guard let line = try lines.next() else { break }
            number += 1
            let length = output.count
            do {
                try body(JSONValue(parsing: line), &output)
            } catch {
                output.removeSubrange(length...)
                throw failure(error, line: number)
            }
            output.append(UInt8(ascii: "\n"))
        }
    }

    private static func failure(_ error: any Error, line: Int) -> any Error {
        let place = "standard input, line \(line)"
        guard let json = error as? JSONError else { return (error as? CommandError)?.within(place) ?? error }
        // The reader of one line calls it line 1.
        return CommandError(
            .input, json.problem, at: place + (json.place.map { $0.replacing("line 1", with: "") } ?? ""),
            advice: json.advice)
    }
}
