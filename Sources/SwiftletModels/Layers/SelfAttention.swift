import Foundation
package import SwiftletTensors

/// Causal self-attention with a key/value cache: grouped queries (arXiv:2305.13245), RoPE, sliding window, soft cap.
package struct SelfAttention: Sendable {
    package let layer: Int
    package let query: Linear
    package let key: Linear
    package let value: Linear
    package let output: Linear
    /// Norms of single query and key heads (Qwen3, Gemma 3).
    package var queryNorm: RMSNorm?
    package var keyNorm: RMSNorm?
    /// nil in layers without positions (NoPE).
    package var rotary: RotaryTable?
    package let heads: Int
    package let keyValueHeads: Int
    package let headSize: Int
    package let valueHeadSize: Int
    /// Factor of q.k before the softmax, by default 1 / sqrt(headSize).
    package var scale: Float
    /// Scores become cap * tanh(score / cap); 0 for none.
    package var softcap: Float = 0
    /// Latest positions that are seen, itself included; nil for all.
    package var window: Int?
    /// Queries at later positions are scaled up (Llama 4, Ministral 3): 1 + scale * ln(floor(position / floor) + 1).
    package var temperature: AttentionTemperature?

    /// `x` `[tokens, embeddingLength]`, normed, to the attention's output of the same shape, in scratch memory.
    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) -> FloatMatrix {
        let (q, k, v) = pass.project(x, query, key, value)
        queryNorm?.apply(to: q, pass)
        keyNorm?.apply(to: k, pass)
        if let rotary {
            pass.compute.rotate(q, heads: heads, headSize: headSize, positions: pass.positions, rope: rotary)
            pass.compute.rotate(k, heads: keyValueHeads, headSize: headSize, positions: pass.positions, rope: rotary)
        }
        if let temperature { temperature.apply(to: q, pass) }
        for slice in pass.batch.slices {
            pass.compute.store(
                keys: k.rows(slice.rows), values: v.rows(slice.rows),
                cells: UnsafeBufferPointer(rebasing: pass.positions[slice.rows]), into: slice.cache.pages(layer: layer))
        }
        let mixed = pass.matrix(columns: heads * valueHeadSize)
        pass.compute.attention(
            q, segments: pass.batch.slices.map(segment),
            parameters: AttentionParameters(
                heads: heads, kvHeads: keyValueHeads, headSize: headSize, valueHeadSize: valueHeadSize, scale: scale,
                softcap: softcap, sinks: nil),
            into: mixed)
        return output(mixed, pass)
    }

    private func segment(_ slice: Batch.Slice) -> AttentionSegment {
        AttentionSegment(
            pages: slice.cache.pages(layer: layer), queryRows: slice.rows,
            ranges: slice.rows.map { row in
                let end = slice.firstPosition + row - slice.rows.lowerBound + 1
                return max(0, end - (window ?? end))..<end
            })
    }
}

/// Attention temperature by position (Llama 4, Ministral 3).
package struct AttentionTemperature: Sendable {
    package let scale: Float
    /// Positions below this are left as they are.
    package let floor: Int

    package func apply(to q: FloatMatrix, _ pass: ForwardPass) {
        for row in 0..<q.rows {
            let steps = Float(Int(pass.positions[row]) / floor)
            guard steps > 0 else { continue }
            pass.compute.scale(q.rows(row..<row + 1), by: 1 + scale * log(steps + 1))
        }
    }
}
