package import SwiftletTensors

/// A model that reads whole texts and gives a vector for each: embeddings, a stack of blocks, pooling.
package struct Encoder: Sendable {
    package let configuration: EncoderConfiguration
    package let tokenEmbedding: TensorView
    package let positionEmbedding: TensorView
    /// The embedding of the first token type, which all tokens of a single text have.
    package let typeEmbedding: Vector
    package let embeddingNorm: LayerNorm
    package let blocks: [any EncoderBlock]

    /// The vectors of the texts in `pass`, a slice each: `[texts, embeddingLength]` of length 1.
    package func embeddings(_ pass: EncoderPass) -> FloatMatrix {
        let x = pass.matrix(columns: configuration.embeddingLength)
        pass.tokens.withUnsafeBufferPointer { pass.compute.embed($0, table: tokenEmbedding, into: x) }
        pass.scoped {
            let positions = pass.matrix(columns: configuration.embeddingLength)
            pass.compute.embed(pass.positions, table: positionEmbedding, into: positions)
            pass.compute.add(positions, to: x)
        }
        pass.compute.addBias(typeEmbedding.base, to: x)
        embeddingNorm.apply(to: x, pass.compute)
        for block in blocks { block(x, pass) }
        return pooled(x, pass)
    }

    private func pooled(_ x: FloatMatrix, _ pass: EncoderPass) -> FloatMatrix {
        let width = configuration.embeddingLength
        let vectors = pass.scratch.matrix(rows: pass.slices.count, columns: width)
        for (index, rows) in pass.slices.enumerated() {
            let vector = vectors[row: index]
            switch configuration.pooling {
            case .mean:
                for column in 0..<width {
                    let sum = rows.reduce(0.0) { $0 + Double(x[row: $1][column]) }
                    vector[column] = Float(sum / Double(rows.count))
                }
            case .first: vector.update(from: x[row: rows.lowerBound], count: width)
            case .last: vector.update(from: x[row: rows.upperBound - 1], count: width)
            }
            let square = (0..<width).reduce(0.0) { $0 + Double(vector[$1]) * Double(vector[$1]) }
            let length = max(square.squareRoot(), 1e-12)
            for column in 0..<width { vector[column] = Float(Double(vector[column]) / length) }
        }
        return vectors
    }
}

/// One layer of an encoder: reads and changes the residual stream `[tokens, embeddingLength]`.
package protocol EncoderBlock: Sendable {
    func callAsFunction(_ x: FloatMatrix, _ pass: EncoderPass)
}

/// What every encoder says of itself in its file.
public struct EncoderConfiguration: Sendable {
    /// Which hidden states become the text's vector.
    public enum Pooling: Int, Sendable {
        case mean = 1, first, last
    }

    public let architecture: String
    /// Longest text, in tokens; what is longer is cut.
    public let contextLength: Int
    /// Width of the residual stream, and of the vectors.
    public let embeddingLength: Int
    public let blockCount: Int
    public let feedForwardLength: Int
    public let headCount: Int
    public let vocabularySize: Int
    /// Added to the variance under LayerNorm's root.
    public let normEpsilon: Float
    public let pooling: Pooling

    package init(_ weights: WeightSource) throws(ModelError) {
        let settings = weights.settings
        architecture = settings.architecture
        let trained = try settings.integer("context_length", in: 1...(1 << 24))
        let usual = try weights.limit("swiftlet.max_sequence_length") ?? trained
        contextLength = max(1, min(trained, usual))
        embeddingLength = try settings.integer("embedding_length", in: 1...(1 << 20))
        blockCount = try settings.integer("block_count", in: 1...4096)
        feedForwardLength = try settings.integer("feed_forward_length", in: 1...(1 << 24))
        headCount = try settings.integer("attention.head_count", in: 1...4096)
        guard embeddingLength % headCount == 0 else {
            throw settings.impossible(
                "attention.head_count", "\(headCount) heads do not share \(embeddingLength) evenly")
        }
        normEpsilon = try settings.float("attention.layer_norm_epsilon")
        guard normEpsilon >= 0 else {
            throw settings.impossible("attention.layer_norm_epsilon", "\(normEpsilon) is negative")
        }
        let stored = try settings.integer("pooling_type", in: 0...4, default: 1)
        guard let pooling = Pooling(rawValue: stored == 0 ? 1 : stored) else {
            throw settings.impossible("pooling_type", "pooling of type \(stored) makes no vector of a text")
        }
        self.pooling = pooling
        vocabularySize = try weights.configuredVocabulary()
    }
}

/// What an encoder's layers need to run: whole texts row after row, the machine, and memory for intermediate results.
package struct EncoderPass {
    package let tokens: [Int32]
    /// The rows of each text.
    package let slices: [Range<Int>]
    package let compute: Compute
    package let scratch: Scratch
    /// Who sees the inputs of weights; nil in normal runs.
    package let observer: (any MatmulObserver)?
    /// Position of each row in its text.
    package let positions: UnsafeBufferPointer<Int32>

    package init(
        _ texts: [[Int32]], compute: Compute, scratch: Scratch, observer: (any MatmulObserver)? = nil
    ) {
        (self.compute, self.scratch, self.observer) = (compute, scratch, observer)
        tokens = texts.flatMap { $0 }
        let positions = scratch.integers(tokens.count)
        var slices: [Range<Int>] = []
        for text in texts {
            let start = slices.last?.upperBound ?? 0
            slices.append(start..<start + text.count)
            for place in text.indices { positions[start + place] = Int32(place) }
        }
        self.slices = slices
        self.positions = UnsafeBufferPointer(positions)
    }

    package func matrix(columns: Int) -> FloatMatrix { scratch.matrix(rows: tokens.count, columns: columns) }

    /// Runs `body` and gives back the scratch memory that it took.
    package func scoped(_ body: () -> Void) {
        let mark = scratch.mark
        body()
        scratch.release(to: mark)
    }
}
