public import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Synchronization

extension Quantizer {
    /// Reads written files again, checks that they are what the plan says, and measures each tensor's error against the
    /// source; blocks until it is done. The figures do not depend on the number of threads.
    ///
    /// Throws if a file cannot be read, has other metadata or tensors, or holds a number that is NaN or infinite.
    public func verify(
        _ urls: [URL], progress: @escaping @Sendable (QuantizationProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> [TensorAccuracy] {
        let written = try urls.map { url in try GGUFFile(shard: url) }
        for (file, planned) in zip(written, plan.files) { try Self.check(file, planned) }
        let work = RowWork(plan, resources)
        let scratch = (0..<work.threads).map { _ in
            (
                AlignedBuffer(count: work.mostElements, of: Float.self),
                AlignedBuffer(count: work.mostElements, of: Float.self)
            )
        }
        let parts = Mutex([TensorAccuracy.Sums](repeating: .init(), count: work.pieceCount))
        try RowRun(work, progress: progress, isCancelled: isCancelled).run { number, piece, worker in
            let tensor = piece.tensor
            guard tensor.hasWeights else { return }
            let count = piece.rows.count * tensor.columns
            let original = UnsafeMutableBufferPointer(rebasing: scratch[worker].0.elements(Float.self)[..<count])
            let copy = UnsafeMutableBufferPointer(rebasing: scratch[worker].1.elements(Float.self)[..<count])
            try source.withUnsafeRows(piece.rows, ofTensor: tensor.sourceIndex) { bytes in
                FormatCatalog.format(of: tensor.sourceType).decode(bytes, into: original)
            }
            try written[piece.file].withUnsafeRows(piece.rows, ofTensor: piece.place) { bytes in
                FormatCatalog.format(of: tensor.type).decode(bytes, into: copy)
            }
            if let wrong = copy.firstIndex(where: { !$0.isFinite }) {
                throw QuantizerError(
                    .notFinite, "the written weight is \(copy[wrong])",
                    at: "tensor \(tensor.name), row \(piece.rows.lowerBound + wrong / tensor.columns)")
            }
            let sums = Self.sums(original, copy, piece)
            parts.withLock { $0[number] = sums }
        }
        return accuracies(work, parts.withLock { $0 })
    }

    private static func sums(
        _ original: UnsafeMutableBufferPointer<Float>, _ copy: UnsafeMutableBufferPointer<Float>,
        _ piece: RowWork.Piece
    ) -> TensorAccuracy.Sums {
        var sums = TensorAccuracy.Sums()
        guard let one = original.baseAddress, let other = copy.baseAddress else { return sums }
        let columns = piece.tensor.columns
        let block = piece.tensor.type.isQuantized ? piece.tensor.type.blockSize : min(columns, 32)
        for row in 0..<piece.rows.count {
            for column in stride(from: 0, to: columns, by: block) {
                let place = row * columns + column
                sums.add(
                    one + place, other + place, count: min(block, columns - column),
                    row: piece.rows.lowerBound + row, column: column)
            }
        }
        return sums
    }

    /// Pieces added up in their order.
    private func accuracies(_ work: RowWork, _ parts: [TensorAccuracy.Sums]) -> [TensorAccuracy] {
        var totals = plan.files.map { [TensorAccuracy.Sums](repeating: .init(), count: $0.tensors.count) }
        for (number, part) in parts.enumerated() {
            let piece = work[number]
            totals[piece.file][piece.place].add(part)
        }
        return zip(plan.files, totals).flatMap { file, sums in
            zip(file.tensors, sums).filter(\.0.hasWeights).map(TensorAccuracy.init)
        }
    }

    private static func check(_ file: GGUFFile, _ planned: PlannedFile) throws(QuantizerError) {
        let place = file.urls[0].path(percentEncoded: false)
        guard file.metadata.entries.map(\.key) == planned.metadata.entries.map(\.key),
            zip(file.metadata.entries, planned.metadata.entries).allSatisfy({ $0.value == $1.value })
        else { throw QuantizerError(.model, "its metadata is not what was to be written", at: place) }
        guard file.tensors.map(\.name) == planned.tensors.map(\.name),
            zip(file.tensors, planned.tensors).allSatisfy({ $0.type == $1.type && $0.dimensions == $1.dimensions })
        else { throw QuantizerError(.model, "its tensors are not what was to be written", at: place) }
    }
}

extension PlannedTensor {
    /// Whether its numbers are weights, rather than whole numbers such as a table of experts.
    var hasWeights: Bool { ![.i8, .i16, .i32, .i64].contains(type) }
}
