/// Rows of floats that something else owns: `[rows, columns]`, each row `stride` floats after the one before it.
package struct FloatMatrix: @unchecked Sendable {
    // Sendable: an address only; the operations that are given it order the writes.

    package var base: UnsafeMutablePointer<Float>
    package var rows: Int
    package var columns: Int
    package var stride: Int

    package init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        precondition(
            rows >= 0 && columns >= 0 && (stride ?? columns) >= columns,
            "[\(rows), \(columns)] with a stride of \(stride ?? columns)")
        (self.base, self.rows, self.columns, self.stride) = (base, rows, columns, stride ?? columns)
    }

    package var shape: [Int] { [rows, columns] }

    /// The first element of a row.
    package subscript(row row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }

    package func rows(_ range: Range<Int>) -> FloatMatrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(shape)")
        return FloatMatrix(
            base: base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
    }

    package func columns(_ range: Range<Int>) -> FloatMatrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(shape)")
        return FloatMatrix(base: base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// The same memory as `[rows * parts, columns / parts]`: one row a head. Rows must lie back to back.
    package func split(_ parts: Int) -> FloatMatrix {
        precondition(
            stride == columns && columns % parts == 0, "\(shape) with a stride of \(stride) into \(parts) parts")
        return FloatMatrix(base: base, rows: rows * parts, columns: columns / parts)
    }
}
