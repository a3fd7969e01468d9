import SwiftletTensors

/// A plan cut into pieces of rows: small enough for the caches and the memory limit, large enough that handing them out
/// costs nothing. A piece never crosses from one matrix of a tensor to the next.
struct RowWork {
    struct Piece {
        /// The file, and the tensor in it.
        let file: Int
        let place: Int
        let tensor: PlannedTensor
        let rows: Range<Int>
    }

    private struct Share {
        let file: Int
        let place: Int
        let tensor: PlannedTensor
        let rowsPerPiece: Int
        let piecesPerMatrix: Int
        /// The number of the tensor's first piece.
        let first: Int
    }

    let pieceCount: Int
    /// The largest piece's numbers and encoded bytes.
    let mostElements: Int
    let mostBytes: Int
    /// As many as wanted, or fewer if their memory together would exceed the limit.
    let threads: Int
    let totalElements: Int
    let totalBytes: Int
    private var shares: [Share] = []

    /// Elements of a piece: half a MiB of floats, which stays in a core's second cache.
    private static let comfortable = 128 << 10
    /// What a program that has a model file open takes before it begins.
    private static let base = 64 << 20

    init(_ plan: QuantizationPlan, _ resources: QuantizationResources) {
        let budget = max(0, resources.memoryLimit - Self.base)
        // Floats, the encoded rows, and the source's pages under them.
        let bytesPerElement = 12
        let longestRow = plan.tensors.map(\.columns).max() ?? 1
        threads = max(1, min(resources.threads, budget / max(longestRow * bytesPerElement, 1)))
        let wanted = max(1, min(Self.comfortable, budget / (threads * bytesPerElement)))
        var (next, elements, bytes) = (0, 0, 0)
        for (file, planned) in plan.files.enumerated() {
            for (place, tensor) in planned.tensors.enumerated() where tensor.elementCount > 0 {
                let rows = min(tensor.rowsPerMatrix, max(1, wanted / tensor.columns))
                let perMatrix = (tensor.rowsPerMatrix + rows - 1) / rows
                shares.append(
                    Share(
                        file: file, place: place, tensor: tensor, rowsPerPiece: rows, piecesPerMatrix: perMatrix,
                        first: next))
                next += perMatrix * (tensor.rows / tensor.rowsPerMatrix)
                elements = max(elements, rows * tensor.columns)
                bytes = max(bytes, rows * tensor.type.bytes(elements: tensor.columns))
            }
        }
        (pieceCount, mostElements, mostBytes) = (next, elements, bytes)
        (totalElements, totalBytes) = (plan.elementCount, plan.bytes)
    }

    /// Piece `number`; pieces are in the order of the files.
    subscript(number: Int) -> Piece {
        var (low, high) = (0, shares.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if shares[middle].first <= number { low = middle } else { high = middle }
        }
        let share = shares[low]
        let (matrix, part) = (number - share.first).quotientAndRemainder(dividingBy: share.piecesPerMatrix)
        let start = part * share.rowsPerPiece
        let end = min(start + share.rowsPerPiece, share.tensor.rowsPerMatrix)
        let base = matrix * share.tensor.rowsPerMatrix
        return Piece(
            file: share.file, place: share.place, tensor: share.tensor, rows: base + start..<base + end)
    }
}
