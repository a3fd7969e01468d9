package import SwiftletEngine
package import SwiftletModels
import SwiftletModelFiles
import SwiftletTensors

/// What a model asks of a machine: multiply-adds of a token, and bytes that must come from memory for it.
package struct ModelWork: Sendable, Hashable {
    /// Weights that a row of activations meets.
    package struct Weights: Sendable, Hashable {
        /// Multiply-adds of one row with int8 activations, with floats, and with BF16.
        package var integer = 0.0
        package var float = 0.0
        package var bfloat = 0.0
        /// Bytes that are read once a step, however many rows it has.
        package var bytes = 0.0

        package init(integer: Double = 0, float: Double = 0, bytes: Double = 0) {
            (self.integer, self.float, self.bytes) = (integer, float, bytes)
        }

        mutating func add(elements: Int, bytes: Int, type: ElementType, share: Double = 1) {
            let amount = Double(elements) * share
            if type.multipliesIntegers {
                integer += amount
            } else if type.multipliesBFloats {
                bfloat += amount
            } else {
                float += amount
            }
            self.bytes += Double(bytes)
        }
    }

    /// Layers with one reach of attention.
    package struct Attention: Sendable, Hashable {
        package var layers: Int
        /// Latest positions that are seen; nil for all.
        package var window: Int?

        package init(layers: Int, window: Int?) { (self.layers, self.window) = (layers, window) }
    }

    /// Weights that every row meets.
    package var dense = Weights()
    /// Weights of experts: multiply-adds for those that one row uses, bytes of all.
    package var experts = Weights()
    /// The share of the experts that one row uses.
    package var expertShare = 1.0
    /// The output layer, which only rows meet whose logits are wanted.
    package var output = Weights()
    package var attention: [Attention] = []
    /// Multiply-adds of one row and one position that it sees, in one layer; always floats.
    package var attentionMultiplyAdds = 0.0
    /// Bytes of one position in one layer of the cache.
    package var cacheBytes = 0.0

    package init() {}

    /// Reads shapes only.
    package init(_ model: LanguageModel, cacheType: CacheType) {
        let configuration = model.configuration
        if configuration.expertCount > 0 {
            expertShare = Double(configuration.expertsUsed) / Double(configuration.expertCount)
        }
        let hasOutput = model.file.tensors.contains { $0.name.utf8.elementsEqual("output.weight".utf8) }
        for tensor in model.file.tensors where tensor.dimensions.count > 1 && tensor.name.hasSuffix(".weight") {
            let (count, bytes) = (tensor.elementCount, tensor.byteCount)
            switch tensor.name {
            // Of the embeddings a row is looked up, unless they are the output layer too.
            case "token_embd.weight" where hasOutput: break
            case "token_embd.weight", "output.weight": output.add(elements: count, bytes: bytes, type: tensor.type)
            case let name where name.contains("_exps."):
                experts.add(elements: count, bytes: bytes, type: tensor.type, share: expertShare)
            default: dense.add(elements: count, bytes: bytes, type: tensor.type)
            }
        }
        var reaches: [Int?: Int] = [:]
        for block in model.decoder.blocks { reaches[Self.window(of: block), default: 0] += 1 }
        attention = reaches.map { Attention(layers: $0.value, window: $0.key) }
            .sorted { ($0.window ?? .max) < ($1.window ?? .max) }
        attentionMultiplyAdds = Double(
            configuration.headCount * (configuration.headSize + configuration.valueHeadSize))
        let shape = model.decoder.keyValueShape
        cacheBytes = Double(
            cacheType.elementType.bytes(elements: shape.keyLength)
                + cacheType.elementType.bytes(elements: shape.valueLength))
    }

    private static func window(of block: any DecoderBlock) -> Int? {
        switch block {
        case let block as PreNormBlock: block.attention.window
        case let block as SandwichNormBlock: block.inner.attention.window
        default: nil
        }
    }
}
