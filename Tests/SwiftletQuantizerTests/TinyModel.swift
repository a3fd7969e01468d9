import Foundation
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors

/// A model in memory of any tensors, with pseudo-random weights that depend on name and place only.
struct TinyModel: TensorSource {
    var urls: [URL] = []
    var metadata = GGUFMetadata()
    var tensors: [GGUFTensor] = []
    /// What stands in place of the pseudo-random weights of a tensor.
    var special: [String: [Int: Float]] = [:]

    init(layers: Int = 2, experts: Int = 0, tied: Bool = false) throws {
        metadata["general.architecture"] = .string("llama")
        metadata["llama.block_count"] = .uint32(UInt32(layers))
        metadata["llama.attention.head_count"] = .uint32(4)
        metadata["llama.attention.head_count_kv"] = .uint32(2)
        if experts > 0 { metadata["llama.expert_count"] = .uint32(UInt32(experts)) }
        metadata["general.file_type"] = .uint32(0)
        metadata["general.name"] = .string("tiny")
        try add("token_embd.weight", 256, 64)
        if !tied { try add("output.weight", 256, 64) }
        try add("output_norm.weight", 256)
        for layer in 0..<layers {
            try add("blk.\(layer).attn_norm.weight", 256)
            for part in ["q", "k", "v", "output"] { try add("blk.\(layer).attn_\(part).weight", 256, 64) }
            if experts > 0 {
                try add("blk.\(layer).ffn_gate_inp.weight", 256, experts)
                try add("blk.\(layer).ffn_up_exps.weight", 256, 32, experts)
            } else {
                for part in ["gate", "up"] { try add("blk.\(layer).ffn_\(part).weight", 256, 64) }
                try add("blk.\(layer).ffn_down.weight", 512, 16)
            }
        }
    }

    mutating func add(_ name: String, _ dimensions: Int..., type: ElementType = .f32, shard: Int = 0) throws {
        tensors.append(try GGUFTensor(name: name, type: type, dimensions: dimensions, shard: shard))
    }

    func weights(of tensor: GGUFTensor) -> [Float] {
        var state = tensor.name.utf8.reduce(14_695_981_039_346_656_037 as UInt64) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        var weights = (0..<tensor.elementCount).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 33) &- 1 << 30) / Float(1 << 34)
        }
        for (place, value) in special[tensor.name] ?? [:] { weights[place] = value }
        return weights
    }

    func withUnsafeRows(
        _ rows: Range<Int>, ofTensor index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let tensor = tensors[index]
        precondition(tensor.type == .f32)
        let part = weights(of: tensor)[rows.lowerBound * tensor.columns..<rows.upperBound * tensor.columns]
        try Array(part).withUnsafeBytes(body)
    }

    /// Writes it as one file, or as shards if tensors have any.
    func write(to url: URL) throws {
        var options = QuantizationOptions(.copy)
        options.keepsSplit = tensors.contains { $0.shard > 0 }
        let plan = try QuantizationPlan(self, options)
        let quantizer = Quantizer(plan, of: self, resources: .init(threads: 1))
        try quantizer.write(to: quantizer.urls(for: url, keepsSplit: options.keepsSplit))
    }
}

/// A folder for one test, removed with it.
final class Folder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(
        path: "swiftlet-\(UUID())", directoryHint: .isDirectory)

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appending(path: name, directoryHint: .notDirectory) }
    /// All names in it, also hidden ones.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }
}

extension QuantizationPlan {
    func type(of name: String) -> ElementType? { tensors.first { $0.name == name }?.type }
}
