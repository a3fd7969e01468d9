import Foundation
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors
import Testing

/// The types that the reference gives to the tensors of four models under each file type (conformance/mixes).
@Suite(.enabled(if: SharedData.isPresent)) struct MixTests {
    static let models = [
        "gemma-3-4b-it": "gemma3", "meta-llama-3.1-70b-instruct": "llama", "qwen3-0.6b": "qwen3", "qwen3-14b": "qwen3",
    ]

    @Test(arguments: models.keys.sorted()) func tableOfTheReference(_ model: String) throws {
        let table = try MixTable(SharedData.conformance("mixes/\(model).schema"))
        let source = try MockModel(table, architecture: #require(Self.models[model]))
        #expect(table.sections.count == 33)
        for section in table.sections {
            let fileType = try FileType(named: section.name)
            #expect(fileType.mainType == section.main)
            let plan = try QuantizationPlan(source, QuantizationOptions(fileType))
            for tensor in plan.tensors where tensor.columns != tensor.elementCount {
                let expected = section.exceptions[tensor.name] ?? section.main
                #expect(tensor.type == expected, "\(section.name) \(tensor.name)")
            }
            let named = Set(plan.tensors.map(\.name))
            #expect(section.exceptions.keys.allSatisfy(named.contains), "\(section.name)")
        }
    }
}

/// One file of conformance/mixes.
struct MixTable {
    struct Section {
        var name: String
        var main: ElementType
        var exceptions: [String: ElementType] = [:]
    }

    /// `n_embd`, `n_ff`, ….
    var sizes: [String: Int] = [:]
    var sections: [Section] = []

    init(_ url: URL) throws {
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("#") {
                for match in line.matches(of: /(n_\w+)=([0-9]+)/) { sizes[String(match.1)] = Int(match.2) }
            } else if let match = line.wholeMatch(of: /\[(\w+)\] (\w+)/) {
                sections.append(Section(name: String(match.1), main: try Self.type(match.2)))
            } else if let match = line.wholeMatch(of: /(\S+) (\w+)/) {
                sections[sections.count - 1].exceptions[String(match.1)] = try Self.type(match.2)
            }
        }
    }

    private static func type(_ name: Substring) throws -> ElementType {
        try #require(ElementType.allCases.first { $0.name == name.uppercased() })
    }
}

/// A model of which there are only names and shapes.
struct MockModel: TensorSource {
    var urls: [URL] { [] }
    var metadata = GGUFMetadata()
    var tensors: [GGUFTensor] = []

    func withUnsafeRows(
        _ rows: Range<Int>, ofTensor index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        Issue.record("a plan needs no weights")
    }

    init(architecture: String, layers: Int, heads: Int, keyValueHeads: Int, experts: Int = 0) {
        metadata["general.architecture"] = .string(architecture)
        metadata["\(architecture).block_count"] = .uint32(UInt32(layers))
        metadata["\(architecture).attention.head_count"] = .uint32(UInt32(heads))
        metadata["\(architecture).attention.head_count_kv"] = .uint32(UInt32(keyValueHeads))
        if experts > 0 { metadata["\(architecture).expert_count"] = .uint32(UInt32(experts)) }
    }

    mutating func add(_ name: String, _ dimensions: Int..., type: ElementType = .f32) throws {
        tensors.append(try GGUFTensor(name: name, type: type, dimensions: dimensions))
    }

    /// The tensors of a dense transformer of a table's sizes.
    init(_ table: MixTable, architecture: String) throws {
        func size(_ name: String) throws -> Int { try #require(table.sizes[name]) }
        let (width, feedForward) = (try size("n_embd"), try size("n_ff"))
        let (heads, keyValueHeads) = (try size("n_head"), try size("n_head_kv"))
        let layers = try size("n_layer")
        self.init(architecture: architecture, layers: layers, heads: heads, keyValueHeads: keyValueHeads)
        try add("token_embd.weight", width, try size("n_vocab"))
        try add("output_norm.weight", width)
        if table.sections.contains(where: { $0.exceptions["output.weight"] != nil }) {
            try add("output.weight", width, try size("n_vocab"))
        }
        let headSize = 128
        for layer in 0..<layers {
            let block = "blk.\(layer)"
            try add("\(block).attn_norm.weight", width)
            try add("\(block).attn_q.weight", width, heads * headSize)
            try add("\(block).attn_k.weight", width, keyValueHeads * headSize)
            try add("\(block).attn_v.weight", width, keyValueHeads * headSize)
            try add("\(block).attn_output.weight", heads * headSize, width)
            try add("\(block).ffn_gate.weight", width, feedForward)
            try add("\(block).ffn_up.weight", width, feedForward)
            try add("\(block).ffn_down.weight", feedForward, width)
        }
    }
}
