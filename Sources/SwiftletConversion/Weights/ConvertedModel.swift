public import Foundation
import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors

/// A checkpoint on its way into a GGUF file: the metadata and tensors that the file gets; rows are made as they are
/// asked for.
///
/// It can be written, or read by whoever reads GGUF files as tensors (the quantizer), with no file in between.
public struct ConvertedModel: TensorSource {
    public let urls: [URL]
    public internal(set) var metadata: GGUFMetadata
    public let tensors: [GGUFTensor]
    private let weights: [Weight]

    init(
        metadata: GGUFMetadata, _ converted: [(name: String, type: ElementType, weight: Weight)], from urls: [URL]
    ) throws(ConversionError) {
        var tensors: [GGUFTensor] = []
        for tensor in converted {
            do {
                tensors.append(
                    try GGUFTensor(
                        name: tensor.name, type: tensor.type, dimensions: tensor.weight.shape.reversed()))
            } catch {
                throw ConversionError(error, .malformed)
            }
        }
        (self.metadata, self.urls) = (metadata, urls)
        self.tensors = tensors
        weights = converted.map(\.weight)
    }

    /// Calls `body` with the bytes of some rows in the tensor's type. Throws, naming tensor and row, if a number is not
    /// finite or does not fit the type.
    public func withUnsafeRows(
        _ rows: Range<Int>, ofTensor index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let (weight, tensor) = (weights[index], tensors[index])
        let numbers = AlignedBuffer(count: rows.count * weight.columns, of: Float.self)
        let floats = numbers.elements(Float.self)
        defer {
            weight.release(rows)
            withExtendedLifetime(numbers) {}
        }
        do throws(ConversionError) {
            try weight.read(rows, floats)
            try Self.check(floats, tensor.type, columns: weight.columns, firstRow: rows.lowerBound)
        } catch {
            throw error.within("tensor \(tensor.name)")
        }
        switch tensor.type {
        case .f16:
            try body(Self.packed(floats) { halfBits($0) })
        case .bf16:
            try body(Self.packed(floats) { bfloatBits($0) })
        default:
            try body(UnsafeRawBufferPointer(floats))
        }
    }

    /// Writes the file in place of what has that name, all or nothing, a few megabytes at a time.
    public func write(to url: URL, progress: WritingProgress = { _, _ in }) throws {
        try writeFile(to: url, progress: progress)
    }

    /// Numbers as 16-bit ones, in the first half of their own memory.
    private static func packed(
        _ floats: UnsafeMutableBufferPointer<Float>, _ bits: (Float) -> UInt16
    ) -> UnsafeRawBufferPointer {
        guard let base = UnsafeMutableRawPointer(floats.baseAddress) else { return UnsafeRawBufferPointer(floats) }
        for index in 0..<floats.count {
            let number = base.load(fromByteOffset: index * 4, as: Float.self)
            base.storeBytes(of: bits(number), toByteOffset: index * 2, as: UInt16.self)
        }
        return UnsafeRawBufferPointer(start: base, count: floats.count * 2)
    }

    /// The largest number that rounds to a finite half.
    private static let halfLimit: Float = 65520

    private static func check(
        _ numbers: UnsafeMutableBufferPointer<Float>, _ type: ElementType, columns: Int, firstRow: Int
    ) throws(ConversionError) {
        let limit: Float = type == .f16 ? halfLimit : .infinity
        var fits = true
        for number in numbers { fits = fits && abs(number) < limit }
        guard !fits, let bad = numbers.firstIndex(where: { !(abs($0) < limit) }) else { return }
        let row = "row \(firstRow + bad / max(columns, 1))"
        guard numbers[bad].isFinite else {
            throw ConversionError(
                .value, "a weight is \(numbers[bad])", at: row,
                advice: "The checkpoint is damaged, or its training went wrong")
        }
        throw ConversionError(
            .value, "\(numbers[bad]) does not fit \(type.name)", at: row, advice: "Convert to bf16 or f32")
    }
}
