import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// A weight on its way from one file to another: its shape, outermost first, and how rows of it are made when they are
/// asked for. Nothing is read before.
struct Weight: Sendable {
    /// Makes some rows, of all outer dimensions counted together, into room for exactly as many numbers.
    typealias Rows =
        @Sendable (Range<Int>, UnsafeMutableBufferPointer<Float>) throws(ConversionError) -> Void

    var shape: [Int]
    /// The type that holds the numbers exactly: F32, F16 or BF16.
    var type: ElementType
    let read: Rows
    /// Gives back the memory of what was read for some rows: after the reading, since rows share pages.
    let release: @Sendable (Range<Int>) -> Void

    /// Elements of a row, the innermost dimension.
    var columns: Int { shape.last ?? 1 }
    /// Rows of all outer dimensions together.
    var rows: Int { shape.dropLast().reduce(1, *) }
    var elementCount: Int { shape.reduce(1, *) }

    init(
        shape: [Int], type: ElementType, read: @escaping Rows,
        release: @escaping @Sendable (Range<Int>) -> Void = { _ in }
    ) {
        (self.shape, self.type, self.read, self.release) = (shape, type, read, release)
    }

    /// A tensor of a checkpoint as it is.
    init(_ tensor: SafetensorsTensor) {
        let columns = tensor.shape.last ?? 1
        let type: ElementType =
            switch tensor.type {
            case .f16: .f16
            case .bf16: .bf16
            default: .f32
            }
        self.init(
            shape: tensor.shape, type: type,
            read: { (rows, output) throws(ConversionError) in
                let elements = rows.lowerBound * columns..<rows.upperBound * columns
                do throws(ModelFileError) {
                    try tensor.widen(elements, into: output)
                } catch {
                    throw ConversionError(error, .unsupported)
                }
            },
            release: { rows in tensor.release(rows.lowerBound * columns..<rows.upperBound * columns) })
    }

    /// A tensor of a GGUF file, decoded.
    init(_ view: TensorView) {
        let type = view.type == .f16 || view.type == .bf16 ? view.type : .f32
        self.init(
            shape: view.shape, type: type,
            read: { (rows, output) throws(ConversionError) in view.decodeRows(rows, into: output) },
            release: { view.rows($0).release() })
    }

    /// Numbers worked out by the converter.
    init(_ values: [Float], shape: [Int]? = nil) {
        let shape = shape ?? [values.count]
        precondition(shape.reduce(1, *) == values.count, "\(values.count) numbers in shape \(shape)")
        let columns = shape.last ?? 1
        self.init(shape: shape, type: .f32) { (rows, output) throws(ConversionError) in
            _ = output.update(fromContentsOf: values[rows.lowerBound * columns..<rows.upperBound * columns])
        }
    }

    /// All numbers, for small weights.
    func values() throws(ConversionError) -> [Float] {
        var failure: ConversionError?
        let values = [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            do throws(ConversionError) {
                buffer.initialize(repeating: 0)
                try read(0..<rows, UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
                count = elementCount
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return values
    }
}
