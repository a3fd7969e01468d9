import SwiftletEngine
import SwiftletEvaluation

/// A column of the Markdown table.
enum BenchColumn: CaseIterable {
    case model, size, parameters, backend, threads, batch, microBatch, keyType, valueType, test, rate, limit, firstToken
    case energy
}

/// The Markdown table's columns: llama-bench's, and after the rate ours.
struct BenchColumns: Sendable {
    private let columns: [BenchColumn]

    /// `shown`: settings of which the table says the value.
    init(shown: Set<BenchColumn>, hasRoofline: Bool, hasEnergy: Bool = EnergyMeter() != nil) {
        columns = BenchColumn.allCases.filter { column in
            switch column {
            case .batch, .microBatch, .keyType, .valueType: shown.contains(column)
            case .limit: hasRoofline
            case .energy: hasEnergy
            default: true
            }
        }
    }

    var header: String {
        let rules = columns.map { column in
            let line = String(repeating: "-", count: column.width - 1)
            return column.isLeft ? ":" + line : line + ":"
        }
        return line(columns.map(\.title)) + line(rules)
    }

    func row(_ record: BenchRecord) -> String { line(columns.map { $0.value(record) }) }

    private func line(_ cells: [String]) -> String {
        "|"
            + zip(columns, cells).map { column, cell in
                let space = String(repeating: " ", count: max(0, column.width - cell.displayWidth))
                return " " + (column.isLeft ? cell + space : space + cell) + " |"
            }.joined() + "\n"
    }
}

extension BenchColumn {
    var title: String {
        switch self {
        case .model: "model"
        case .size: "size"
        case .parameters: "params"
        case .backend: "backend"
        case .threads: "threads"
        case .batch: "n_batch"
        case .microBatch: "n_ubatch"
        case .keyType: "type_k"
        case .valueType: "type_v"
        case .test: "test"
        case .rate: "t/s"
        case .limit: "of limit"
        case .firstToken: "first token"
        case .energy: "J/token"
        }
    }

    var width: Int {
        switch self {
        case .model: 30
        case .size, .parameters: 10
        case .backend, .threads, .batch: 7
        case .microBatch: 8
        case .keyType, .valueType: 6
        case .test: 15
        case .rate: 20
        case .limit: 13
        case .firstToken: 11
        case .energy: 8
        }
    }

    var isLeft: Bool { self == .model || self == .backend }

    func value(_ record: BenchRecord) -> String {
        let (model, test) = (record.model, record.test)
        switch self {
        case .model: return model.type
        case .size:
            let mebibytes = Double(model.size.bytes) / 1_048_576
            return mebibytes < 1024 ? "\(mebibytes.fixed(2)) MiB" : "\((mebibytes / 1024).fixed(2)) GiB"
        case .parameters:
            let millions = Double(model.size.parameters) / 1e6
            return millions < 1000 ? "\(millions.fixed(2)) M" : "\((millions / 1000).fixed(2)) B"
        case .backend: return "CPU"
        case .threads: return "\(test.threads)"
        case .batch: return "\(test.batch)"
        case .microBatch: return "\(test.microBatch)"
        case .keyType, .valueType: return test.cacheType.rawValue
        case .test: return test.name
        case .rate: return "\(record.result.rate.mean.fixed(2)) ± \(record.result.rate.deviation.fixed(2))"
        case .limit:
            guard let limit = record.limit?.test else { return "" }
            return "\((limit.share(of: record.result.rate.mean) * 100).fixed(0)) % \(limit.bound.rawValue)"
        case .firstToken: return record.result.timeToFirstToken.map { "\(($0 / 1e9).fixed(3)) s" } ?? ""
        case .energy: return record.result.joulesPerToken?.fixed(3) ?? ""
        }
    }
}
