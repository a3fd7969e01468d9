public import Foundation
public import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors

/// A model with LoRA adapters merged into its weights: W + scale * alpha / rank * B A, row by row as they are asked
/// for.
///
/// Tensors keep their types: what is quantized is decoded, changed and quantized again.
public struct MergedModel: TensorSource {
    public let metadata: GGUFMetadata
    public let tensors: [GGUFTensor]
    public let urls: [URL]
    private let base: any TensorSource
    private let changes: [Int: [Change]]

    /// A and B of one tensor in one adapter.
    private struct Change: Sendable {
        let adapter: any TensorSource
        let a: Int
        let b: Int
        let scale: Float
        let rank: Int
    }

    /// Throws if an adapter is for another architecture, has a tensor that the base has not, or its shapes do not fit.
    public init(
        _ base: any TensorSource, adapters: [(adapter: any TensorSource, scale: Float)]
    ) throws(ConversionError) {
        (self.base, metadata, tensors) = (base, base.metadata, base.tensors)
        urls = base.urls + adapters.flatMap { $0.adapter.urls }
        var changes: [Int: [Change]] = [:]
        let places = Dictionary(base.tensors.enumerated().map { (ByteString($1.name), $0) }) { first, _ in first }
        for (adapter, scale) in adapters {
            let alpha = try Self.alpha(adapter, base)
            let names = Dictionary(adapter.tensors.enumerated().map { (ByteString($1.name), $0) }) { first, _ in first }
            for (a, tensor) in adapter.tensors.enumerated() where !tensor.name.hasSuffix(".lora_b") {
                guard tensor.name.hasSuffix(".lora_a") else {
                    throw ConversionError(
                        .unsupported, "the adapter replaces a whole tensor", at: "tensor \(tensor.name)")
                }
                let name = String(tensor.name.dropLast(".lora_a".count))
                guard let place = places[ByteString(name)], let b = names[ByteString(name + ".lora_b")] else {
                    throw ConversionError(
                        .malformed, "the base or the adapter lacks the tensor", at: "tensor \(name)",
                        advice: "The adapter is for another model")
                }
                let rank = adapter.tensors[b].columns
                try Self.check(base.tensors[place], tensor, adapter.tensors[b], rank: rank)
                try Self.checkEncoder(base.tensors[place])
                changes[place, default: []].append(
                    Change(adapter: adapter, a: a, b: b, scale: scale * alpha / Float(max(rank, 1)), rank: rank))
            }
        }
        self.changes = changes
    }

    /// How many tensors change.
    public var changedTensorCount: Int { changes.count }

    public func withUnsafeRows(
        _ rows: Range<Int>, ofTensor index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let changes = changes[index] else { return try base.withUnsafeRows(rows, ofTensor: index, body) }
        let tensor = tensors[index]
        let numbers = AlignedBuffer(count: rows.count * tensor.columns, of: Float.self)
        let floats = numbers.elements(Float.self)
        try base.withUnsafeRows(rows, ofTensor: index) { bytes in
            FormatCatalog.format(of: tensor.type).decode(bytes, into: floats)
        }
        for change in changes { try add(change, to: floats, rows, tensor) }
        guard let encoder = FormatCatalog.encoder(of: tensor.type) else { throw Self.notEncodable(tensor) }
        if let bad = UnsafeBufferPointer(floats).firstNotFinite {
            throw ConversionError(
                .value, "a merged weight is \(floats[bad])",
                at: "tensor \(tensor.name), row \(rows.lowerBound + bad / tensor.columns)")
        }
        let size = rows.count * tensor.type.bytes(elements: tensor.columns)
        let output = AlignedBuffer(byteCount: size)
        encoder.encode(UnsafeBufferPointer(floats), columns: tensor.columns, importance: nil, into: output.bytes)
        try body(UnsafeRawBufferPointer(output.bytes))
        withExtendedLifetime((numbers, output)) {}
    }

    /// Writes the file in place of what has that name, all or nothing, a few megabytes at a time.
    public func write(to url: URL, progress: WritingProgress = { _, _ in }) throws {
        try writeFile(to: url, progress: progress)
    }

    private func add(
        _ change: Change, to floats: UnsafeMutableBufferPointer<Float>, _ rows: Range<Int>, _ tensor: GGUFTensor
    ) throws {
        let (a, b) = (try change.adapter.numbers(change.a), try change.adapter.numbers(change.b))
        let (columns, rank) = (tensor.columns, change.rank)
        if tensor.name == "token_embd.weight" {
            // Here A is turned round, [tokens, rank], and B is [width, rank].
            for row in rows {
                for column in 0..<columns {
                    var sum: Float = 0
                    for r in 0..<rank { sum += a[row * rank + r] * b[column * rank + r] }
                    floats[(row - rows.lowerBound) * columns + column] += change.scale * sum
                }
            }
            return
        }
        let outputs = tensor.dimensions.count > 1 ? tensor.dimensions[1] : 1
        var delta = [Float](repeating: 0, count: columns)
        for row in rows {
            let expert = row / outputs
            delta.withUnsafeMutableBufferPointer { delta in
                delta.update(repeating: 0)
                for r in 0..<rank {
                    let weight = b[row * rank + r]
                    let start = (expert * rank + r) * columns
                    for column in 0..<columns { delta[column] += weight * a[start + column] }
                }
                let start = (row - rows.lowerBound) * columns
                for column in 0..<columns { floats[start + column] += change.scale * delta[column] }
            }
        }
    }

    private static func alpha(_ adapter: any TensorSource, _ base: any TensorSource) throws(ConversionError) -> Float {
        do throws(ModelFileError) {
            let (own, other) = (
                try adapter.metadata.string(ifPresent: "general.architecture") ?? "none",
                try base.metadata.string(ifPresent: "general.architecture") ?? "none"
            )
            guard try adapter.metadata.string(ifPresent: "adapter.type") == "lora" else {
                throw ModelFileError(
                    .unsupported, "is no LoRA adapter", at: "key adapter.type", advice: "Name a GGUF or PEFT adapter")
            }
            guard own == other else {
                throw ModelFileError(
                    .malformed, "the adapter is for \"\(own)\", the base is \"\(other)\"", at: "general.architecture")
            }
            return try adapter.metadata.float("adapter.lora.alpha")
        } catch {
            throw ConversionError(error, .malformed)
        }
    }

    private static func check(
        _ base: GGUFTensor, _ a: GGUFTensor, _ b: GGUFTensor, rank: Int
    ) throws(ConversionError) {
        let fits: Bool
        if base.name == "token_embd.weight" {
            fits = a.dimensions == [rank, base.rows] && b.dimensions == [rank, base.columns]
        } else {
            let outer = Array(base.dimensions.dropFirst(2))
            fits =
                a.dimensions == [base.columns, rank] + outer
                && b.dimensions == [rank] + base.dimensions.dropFirst()
        }
        guard fits, rank > 0 else {
            throw ConversionError(
                .malformed, "A \(a.dimensions) and B \(b.dimensions) do not fit \(base.dimensions)",
                at: "tensor \(base.name)", advice: "The adapter is for another model")
        }
    }

    private static func checkEncoder(_ tensor: GGUFTensor) throws(ConversionError) {
        guard let encoder = FormatCatalog.encoder(of: tensor.type), !encoder.requiresImportance else {
            throw notEncodable(tensor)
        }
    }

    private static func notEncodable(_ tensor: GGUFTensor) -> ConversionError {
        ConversionError(
            .unsupported, "\(tensor.type.name) cannot be written again without an importance matrix",
            at: "tensor \(tensor.name)", advice: "Merge into the unquantized model, and quantize the result")
    }
}

extension TensorSource {
    /// All numbers of a small tensor.
    fileprivate func numbers(_ index: Int) throws -> [Float] {
        let tensor = tensors[index]
        var numbers = [Float](repeating: 0, count: tensor.elementCount)
        try withUnsafeRows(0..<tensor.rows, ofTensor: index) { bytes in
            numbers.withUnsafeMutableBufferPointer { FormatCatalog.format(of: tensor.type).decode(bytes, into: $0) }
        }
        return numbers
    }
}
