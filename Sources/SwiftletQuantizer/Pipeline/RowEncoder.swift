import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Turns rows of one type into rows of another, in memory of its own: for one worker.
final class RowEncoder {
    private let numbers: AlignedBuffer
    private let encoded: AlignedBuffer

    /// Room for so many numbers, and so many encoded bytes.
    init(elements: Int, bytes: Int) {
        numbers = AlignedBuffer(count: elements, of: Float.self)
        encoded = AlignedBuffer(byteCount: bytes)
    }

    /// Numbers below this cannot make a scale that half precision has no room for: no format's scale exceeds the largest
    /// number of its block by more than the factor 3.
    private static let harmless = Float(16_384).bitPattern

    /// The bytes of `rows` of `tensor` in its new type, valid until the next call; `bytes` holds them in their old one.
    ///
    /// Throws if a number is NaN or infinite, or turns out so because it is too large for the new type.
    func encode(
        _ bytes: UnsafeRawBufferPointer, rows: Range<Int>, of tensor: PlannedTensor
    ) throws(QuantizerError) -> UnsafeRawBufferPointer {
        switch tensor.sourceType {
        case .i8, .i16, .i32, .i64: return bytes
        default: break
        }
        let count = rows.count * tensor.columns
        let floats = UnsafeMutableBufferPointer(rebasing: numbers.elements(Float.self)[..<count])
        FormatCatalog.format(of: tensor.sourceType).decode(bytes, into: floats)
        let largest = Self.largestMagnitude(floats)
        guard largest < Float.infinity.bitPattern else { throw notFinite(floats, rows, tensor) }
        if tensor.isCopied { return bytes }
        guard let encoder = FormatCatalog.encoder(of: tensor.type) else {
            preconditionFailure("no encoder for \(tensor.type.name), which the plan chose")
        }
        let output = UnsafeMutableRawBufferPointer(
            rebasing: encoded.bytes[..<(rows.count * tensor.type.bytes(elements: tensor.columns))])
        tensor.withImportance(ofRow: rows.lowerBound) { importance in
            encoder.encode(UnsafeBufferPointer(floats), columns: tensor.columns, importance: importance, into: output)
        }
        let result = UnsafeRawBufferPointer(output)
        if largest >= Self.harmless {
            let index = floats.firstIndex { $0.magnitude.bitPattern == largest } ?? 0
            if let block = encoder.firstBrokenBlock(result) {
                throw tooLarge(nil, block * tensor.type.blockSize, rows, tensor)
            }
            // Sums of squares that overflow leave a finite scale of no meaning, mostly zero.
            encoder.decode(result, into: floats)
            let (before, after) = (Float(bitPattern: largest), Float(bitPattern: Self.largestMagnitude(floats)))
            guard after.isFinite, after >= before / 16 else { throw tooLarge(before, index, rows, tensor) }
        }
        return result
    }

    /// The bits of the largest absolute value; those of NaN are above those of infinity.
    private static func largestMagnitude(_ floats: UnsafeMutableBufferPointer<Float>) -> UInt32 {
        var largest: UInt32 = 0
        for float in floats { largest = max(largest, float.bitPattern & 0x7FFF_FFFF) }
        return largest
    }

    private func notFinite(
        _ floats: UnsafeMutableBufferPointer<Float>, _ rows: Range<Int>, _ tensor: PlannedTensor
    ) -> QuantizerError {
        let index = floats.firstIndex { !$0.isFinite } ?? 0
        let (row, column) = index.quotientAndRemainder(dividingBy: tensor.columns)
        return QuantizerError(
            .notFinite, "the weight is \(floats[index])",
            at: "tensor \(tensor.name), row \(rows.lowerBound + row), column \(column)",
            advice: "The model is damaged, or its training went wrong; get it again")
    }

    private func tooLarge(
        _ weight: Float?, _ index: Int, _ rows: Range<Int>, _ tensor: PlannedTensor
    ) -> QuantizerError {
        let (row, column) = index.quotientAndRemainder(dividingBy: tensor.columns)
        let what = weight.map { "the weight \($0) is" } ?? "a block's weights are"
        return QuantizerError(
            .notFinite, "\(what) too large for \(tensor.type.name)",
            at: "tensor \(tensor.name), row \(rows.lowerBound + row), column \(column)",
            advice: "Give this tensor a type of a wider range, such as BF16")
    }
}
