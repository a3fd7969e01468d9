import SwiftletTensors

/// Hidden states that outlive their model step: `[rows, embeddingLength]`, filled from the top.
///
/// From them the logits of a few rows at a time are computed, so that logits of whole texts, a thousand times larger, are
/// never in memory together.
final class HiddenStates {
    private let memory: AlignedBuffer
    private let whole: FloatMatrix
    private(set) var rows = 0

    init(capacity: Int, columns: Int) {
        memory = AlignedBuffer(count: capacity * columns, of: Float.self)
        // The buffer has a base address even for no elements.
        whole = FloatMatrix(
            base: memory.elements(Float.self).baseAddress!, rows: capacity, columns: columns)
    }

    func append(_ states: FloatMatrix) {
        for row in 0..<states.rows { whole[row: rows + row].update(from: states[row: row], count: states.columns) }
        rows += states.rows
    }

    func matrix(_ range: Range<Int>) -> FloatMatrix {
        precondition(range.upperBound <= rows, "rows \(range) of \(rows)")
        return whole.rows(range)
    }
}
