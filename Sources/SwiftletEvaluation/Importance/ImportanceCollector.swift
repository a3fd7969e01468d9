import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTensors

/// Sums up, for each weight of a model, the squares of what goes into each of its columns: the reference's llama-imatrix.
///
/// Collected are the weights of the blocks (`blk.*`), each expert by itself, and `output.weight` if asked for.
/// Sums of one call are in float, row after row; over calls they are in double.
final class ImportanceCollector: MatmulObserver {
    /// Where the first row of a matrix lies: the same weight is known by it, and parts of a fused one that come later are
    /// not counted again.
    private var places: [UnsafeRawPointer: (entry: Int, matrix: Int)] = [:]
    private var entries: [Sums] = []
    private let compute: Compute
    private var squares: [Float] = []

    private struct Sums {
        let name: String
        var values: [Double]
        var counts: [Int]
        /// What has come in since the last `commit`.
        var newValues: [Double]
        var newCounts: [Int]

        init(name: String, columns: Int, matrices: Int) {
            self.name = name
            values = [Double](repeating: 0, count: matrices * columns)
            counts = [Int](repeating: 0, count: matrices)
            (newValues, newCounts) = (values, counts)
        }

        mutating func commit() {
            for index in values.indices {
                values[index] += newValues[index]
                newValues[index] = 0
            }
            for index in counts.indices {
                counts[index] += newCounts[index]
                newCounts[index] = 0
            }
        }
    }

    init(_ file: GGUFFile, processesOutput: Bool, compute: Compute) {
        self.compute = compute
        for tensor in file.tensors {
            let isWanted =
                tensor.name.utf8.starts(with: "blk.".utf8)
                || (processesOutput && ByteString(tensor.name) == ByteString("output.weight"))
            guard isWanted, let view = file.tensor(named: tensor.name), view.shape.count > 1,
                let base = view.bytes.baseAddress, view.columns > 0, view.rows > 0
            else { continue }
            let matrices = view.shape.count > 2 ? view.shape[0] : 1
            for matrix in 0..<matrices {
                places[base + matrix * (view.bytes.count / matrices)] = (entries.count, matrix)
            }
            entries.append(Sums(name: tensor.name, columns: view.columns, matrices: matrices))
        }
    }

    func observe(_ x: FloatMatrix, _ weights: [TensorView]) {
        let targets = weights.compactMap { weight in weight.bytes.baseAddress.flatMap { places[$0] } }
        guard !targets.isEmpty else { return }
        sumSquares(of: x)
        for (entry, matrix) in targets {
            let start = matrix * x.columns
            for column in 0..<x.columns { entries[entry].newValues[start + column] += Double(squares[column]) }
            entries[entry].newCounts[matrix] += x.rows
        }
    }

    /// Makes what has come in part of the matrix: chunks that were broken off half way never are.
    func commit() {
        for index in entries.indices { entries[index].commit() }
    }

    /// The sums of squares of the columns of `x`; each worker takes some columns, so that the order of additions is one.
    private func sumSquares(of x: FloatMatrix) {
        let width = 64
        squares = [Float](unsafeUninitializedCapacity: x.columns) { sums, count in
            count = x.columns
            guard let base = sums.baseAddress else { return }
            let sums = FloatMatrix(base: base, rows: 1, columns: x.columns)
            compute.eachRow((x.columns + width - 1) / width, cost: x.rows * width) { piece in
                let columns = piece * width..<min((piece + 1) * width, x.columns)
                let sum = sums.base + columns.lowerBound
                sum.initialize(repeating: 0, count: columns.count)
                for row in 0..<x.rows {
                    let values = x[row: row] + columns.lowerBound
                    for column in 0..<columns.count { sum[column] += values[column] * values[column] }
                }
            }
        }
    }

    /// What has been committed of the weights that took part. Throws if a sum is not finite.
    func matrix(datasets: [String], chunkSize: Int) throws(EvaluationError) -> ImportanceMatrixFile {
        var matrix = ImportanceMatrixFile(datasets: datasets, chunkSize: chunkSize)
        for entry in entries where entry.counts.contains(where: { $0 > 0 }) {
            let sums = entry.values.map { Float($0) }
            guard sums.allSatisfy({ $0.isFinite }) else {
                throw EvaluationError(
                    .nonFinite, "the activations are NaN or infinite", at: "tensor \(entry.name)",
                    advice: "The weights are damaged or overflowed in conversion")
            }
            matrix.entries.append(.init(name: entry.name, sums: sums, counts: entry.counts.map { Float($0) }))
        }
        matrix.entries.sort { ByteString($0.name) < ByteString($1.name) }
        matrix.chunkCount = matrix.mostRows / max(chunkSize, 1)
        return matrix
    }
}
