package import SwiftletTensors

extension SelfAttention {
    /// The attention of one layer from its usual tensors: `attn_q`, `attn_k`, `attn_v` or `attn_qkv`, `attn_output`.
    package init(
        _ weights: WeightSource, layer: Int, _ configuration: ModelConfiguration, rotary: RotaryTable?
    ) throws(ModelError) {
        let (name, width) = ("blk.\(layer).", configuration.embeddingLength)
        let queryLength = configuration.headCount * configuration.headSize
        if weights.has(name + "attn_qkv.weight") {
            let parts = try weights.fused(
                name + "attn_qkv", inputs: width,
                outputs: [queryLength, configuration.keyLength, configuration.valueLength])
            (query, key, value) = (parts[0], parts[1], parts[2])
        } else {
            query = try weights.linear(name + "attn_q", inputs: width, outputs: queryLength)
            key = try weights.linear(name + "attn_k", inputs: width, outputs: configuration.keyLength)
            value = try weights.linear(name + "attn_v", inputs: width, outputs: configuration.valueLength)
        }
        projections = [query.weight, key.weight, value.weight]
        output = try weights.linear(
            name + "attn_output", inputs: configuration.headCount * configuration.valueHeadSize, outputs: width)
        self.layer = layer
        self.rotary = rotary
        heads = configuration.headCount
        keyValueHeads = configuration.keyValueHeadCount
        headSize = configuration.headSize
        valueHeadSize = configuration.valueHeadSize
        scale = 1 / Float(configuration.headSize).squareRoot()
    }

    /// The same with norms of single query and key heads, `attn_q_norm` and `attn_k_norm`.
    package func withHeadNorms(_ weights: WeightSource, epsilon: Float) throws(ModelError) -> SelfAttention {
        var attention = self
        attention.queryNorm = try weights.norm("blk.\(layer).attn_q_norm", headSize, epsilon: epsilon)
        attention.keyNorm = try weights.norm("blk.\(layer).attn_k_norm", headSize, epsilon: epsilon)
        return attention
    }
}
