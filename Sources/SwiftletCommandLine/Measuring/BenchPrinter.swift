import ArgumentParser
import Foundation
import SwiftletEvaluation
import SwiftletGround
import SwiftletTensors
import Synchronization

/// Forms of `bench`'s results, as llama-bench names them.
enum BenchFormat: String, ExpressibleByArgument, CaseIterable { case md, csv, json, jsonl }

/// Writes results as they come: on standard output in one form, and on standard error in another if asked for.
final class BenchPrinter: Sendable {
    private let output: BenchFormat
    private let error: BenchFormat?
    private let columns: BenchColumns
    private let records = Mutex<[BenchRecord]>([])

    init(_ output: BenchFormat, _ error: BenchFormat?, columns: BenchColumns) {
        (self.output, self.error, self.columns) = (output, error, columns)
    }

    func begin() throws { try write { Self.beginning($0, columns) } }

    func print(_ record: BenchRecord) throws {
        let count = records.withLock { records in
            records.append(record)
            return records.count
        }
        try write { Self.text(of: record, $0, columns, isFirst: count == 1) }
    }

    func end() throws {
        let records = records.withLock { $0 }
        try write { Self.end($0, records) }
    }

    private func write(_ text: (BenchFormat) -> String) throws {
        if let error { StandardError.write(text(error)) }
        try StandardOutput.write(text(output))
    }

    private static func beginning(_ format: BenchFormat, _ columns: BenchColumns) -> String {
        switch format {
        case .md: columns.header
        case .json: "["
        case .csv, .jsonl: ""
        }
    }

    private static func text(
        of record: BenchRecord, _ format: BenchFormat, _ columns: BenchColumns, isFirst: Bool
    ) -> String {
        switch format {
        case .md: return columns.row(record)
        case .json: return (isFirst ? "\n" : ",\n") + record.json.text(.python)
        case .jsonl: return record.json.text(.python) + "\n"
        case .csv:
            let names = isFirst ? record.fields.keys.joined(separator: ",") + "\n" : ""
            return names + record.fields.members.map { quoted($0.value) }.joined(separator: ",") + "\n"
        }
    }

    private static func end(_ format: BenchFormat, _ records: [BenchRecord]) -> String {
        switch format {
        case .md: footer(records)
        case .json: records.isEmpty ? "]\n" : "\n]\n"
        case .csv, .jsonl: ""
        }
    }

    /// The machine's limits that the shares are of, and what built this program.
    private static func footer(_ records: [BenchRecord]) -> String {
        var (text, told): (String, Set<Int>) = ("\n", [])
        for case let machine? in records.map({ $0.limit?.machine }) where told.insert(machine.threads).inserted {
            let figures =
                "int8 \((machine.integer / 1e9).fixed(0)), float \((machine.float / 1e9).fixed(0)) "
                + "and BF16 \((machine.bfloat / 1e9).fixed(0))"
            let threads = "\(machine.threads) thread\(machine.threads == 1 ? "" : "s")"
            text +=
                "limits of \(threads), \(machine.instructionSet): \(figures) G multiply-adds/s, "
                + "memory \((machine.bandwidth / 1e9).fixed(1)) GB/s\n"
        }
        return text + "build: swiftlet \(SwiftletCommand.version), \(ProcessorName.text)\n"
    }

    /// As llama-bench: every value in quotes, booleans as 0 and 1, nothing for what there is not.
    private static func quoted(_ value: JSONValue) -> String {
        let text =
            switch value {
            case .null: ""
            case .bool(let value): value ? "1" : "0"
            case .string(let text): text.replacing("\"", with: "\"\"")
            default: value.text()
            }
        return "\"\(text)\""
    }
}
