import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Weights of checkpoints that are quantized already, decoded to the numbers that their quantizer meant.
enum QuantizedWeights {
    /// The tensors of a checkpoint as weights; where `quantization_config` says how they are quantized, what belongs
    /// together becomes one weight. Throws if the method is unknown, or tensors are missing or of wrong shapes.
    static func decoded(
        _ tensors: [SafetensorsTensor], _ configuration: CheckpointConfiguration
    ) throws(ConversionError) -> [NamedWeight] {
        let settings = (configuration["quantization_config"] ?? configuration["compression_config"])?.object
        guard let settings, !settings.isEmpty else {
            return tensors.map { NamedWeight(name: $0.name, weight: Weight($0)) }
        }
        let table = TensorTable(tensors)
        switch settings["quant_method"]?.string {
        case "gptq": return try table.decoding(GPTQ(settings))
        case "awq": return try table.decoding(AWQ(settings))
        case "bitsandbytes": return try table.decoding(BitsAndBytes())
        case "fp8", "fbgemm_fp8", "modelopt": return try table.decoding(ScaledWeights(settings))
        case "compressed-tensors":
            if try CompressedTensors.isPacked(settings) { return try table.decoding(CompressedTensors(settings)) }
            return try table.decoding(ScaledWeights(settings))
        case let method:
            throw ConversionError(
                .unsupported, "checkpoints quantized by \"\(method ?? "nothing known")\" are not converted",
                at: "config.json, quantization_config.quant_method",
                advice: "Swiftlet reads gptq, awq, bitsandbytes, fp8 and compressed-tensors; or convert the original")
        }
    }
}

/// One way of quantizing: which tensors stand for a weight, and how it is decoded.
protocol WeightDecoder: Sendable {
    /// The name of the weight that the tensor is the main part of; nil for any other.
    func weightName(_ tensor: SafetensorsTensor, _ table: TensorTable) -> String?
    /// Whether the weight comes where its main part stood (else after all others, as the reference converter has it).
    var keepsPlaces: Bool { get }
    /// Decodes it; shapes have to be checked.
    func decoded(
        _ name: String, _ tensor: SafetensorsTensor, _ table: TensorTable
    ) throws(ConversionError) -> Weight
    /// Endings of the names of what only belongs to quantized weights.
    var partEndings: [String] { get }
}

/// A checkpoint's tensors by name.
struct TensorTable: Sendable {
    let tensors: [SafetensorsTensor]
    private let places: [ByteString: Int]

    init(_ tensors: [SafetensorsTensor]) {
        self.tensors = tensors
        places = Dictionary(tensors.enumerated().map { (ByteString($1.name), $0) }) { first, _ in first }
    }

    subscript(name: String) -> SafetensorsTensor? { places[ByteString(name)].map { tensors[$0] } }

    func tensor(_ name: String) throws(ConversionError) -> SafetensorsTensor {
        guard let tensor = self[name] else {
            throw ConversionError(
                .missing, "the tensor is missing, which a quantized weight needs", at: "tensor \(name)",
                advice: "A file of the checkpoint is missing or damaged")
        }
        return tensor
    }

    /// A tensor of that shape.
    func tensor(_ name: String, _ shape: Int...) throws(ConversionError) -> SafetensorsTensor {
        let tensor = try tensor(name)
        guard tensor.shape == shape else { throw Self.wrongShape(tensor, "\(shape) is needed") }
        return tensor
    }

    /// All numbers of a small tensor: scales, tables.
    func floats(_ name: String) throws(ConversionError) -> [Float] {
        do { return try self.tensor(name).floats() } catch let error as ModelFileError {
            throw ConversionError(error, .unsupported)
        } catch let error as ConversionError {
            throw error
        } catch {
            throw ConversionError(.cannotRead, "cannot be read", at: "tensor \(name)", cause: error)
        }
    }

    static func wrongShape(_ tensor: SafetensorsTensor, _ needed: String) -> ConversionError {
        ConversionError(
            .malformed, "the shape is \(tensor.shape) in \(tensor.type.rawValue), but \(needed)",
            at: "tensor \(tensor.name)", advice: "The checkpoint is damaged, or quantized in another way than it says")
    }

    func decoding(_ decoder: some WeightDecoder) throws(ConversionError) -> [NamedWeight] {
        var kept: [NamedWeight] = []
        var later: [NamedWeight] = []
        let recent = RecentWeights()
        for tensor in tensors {
            if let name = decoder.weightName(tensor, self) {
                let weight = NamedWeight(name: name, weight: try decoded(name, tensor, decoder, recent))
                if decoder.keepsPlaces { kept.append(weight) } else { later.append(weight) }
            } else if !decoder.partEndings.contains(where: { tensor.name.hasSuffix($0) }) {
                kept.append(NamedWeight(name: tensor.name, weight: Weight(tensor)))
            }
        }
        return kept + later
    }

    /// A weight that is checked now, and whose scales and zero points are read again when its rows are: those of all
    /// weights of a large checkpoint would take gigabytes.
    private func decoded(
        _ name: String, _ tensor: SafetensorsTensor, _ decoder: some WeightDecoder, _ recent: RecentWeights
    ) throws(ConversionError) -> Weight {
        let stem = name.dropLast(".weight".count)
        let parts =
            [tensor] + decoder.partEndings.flatMap { [self[stem + $0], self[name + $0]] }.compactMap { $0 }
        let checked = try decoder.decoded(name, tensor, self)
        RecentWeights.release(parts)
        let (shape, type) = (checked.shape, checked.type)
        return Weight(shape: shape, type: type) { (rows, output) throws(ConversionError) in
            let weight = try recent.weight(parts) { () throws(ConversionError) in
                try decoder.decoded(name, tensor, self)
            }
            try weight.read(rows, output)
        }
    }
}

extension SafetensorsTensor {
    /// A 32-bit word where it lies; the caller has checked type and place.
    @inline(__always) func word(_ index: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
    }

    var isWords: Bool { type == .i32 || type == .u32 }
}

extension JSONObject {
    /// A setting of `quantization_config`: a whole number in a range.
    func quantization(
        _ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil
    ) throws(ConversionError) -> Int {
        guard let value = self[key], !value.isNull else {
            if let fallback { return fallback }
            throw ConversionError(.missing, "the setting is missing", at: "config.json, quantization_config.\(key)")
        }
        guard let integer = value.integer, range.contains(integer) else {
            throw ConversionError(
                .unsupported, "\(value.text().prefix(40)) is no whole number in \(range)",
                at: "config.json, quantization_config.\(key)")
        }
        return integer
    }
}
