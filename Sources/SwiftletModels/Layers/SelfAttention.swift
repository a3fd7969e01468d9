import Foundation
package import SwiftletTensors

/// Causal self-attention with a key/value cache: grouped queries (arXiv:2305.13245), RoPE, sliding window, soft cap.
package struct SelfAttention: Sendable {
    package let layer: Int
    package let query: Linear
    package let key: Linear
    package let value: Linear
    package let output: Linear
    /// The weights of query, key and value.
    let projections: [TensorView]
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

    /// Attention of the normed stream, into the stream's `delta`: products that `output.finish` is still to be applied to.
    ///
    /// With `last`, keys and values of all rows are stored, and those rows alone ask: `stream` is theirs afterwards.
    package func callAsFunction(_ stream: inout ResidualStream, _ norm: RMSNorm, _ pass: ForwardPass, last: LastRows?) {
        let x = pass.matrix(columns: stream.x.columns)
        let normed = stream.normed(norm, into: x, pass)
        guard let last else {
            let all = pass.matrix(columns: query.outputs + key.outputs + value.outputs)
            pass.matmul(x, projections, into: all, making: normed)
            let q = all.columns(0..<query.outputs)
            store(all.columns(query.outputs..<all.columns), queries: projected(q), pass)
            return attend(q, pass, into: stream.delta)
        }
        let kept = pass.matrix(columns: key.outputs + value.outputs)
        pass.matmul(x, Array(projections[1...]), into: kept, making: normed)
        store(kept, queries: nil, pass)
        guard last.pass.rows > 0 else { return stream = last.stream }
        let some = last.pass.matrix(columns: x.columns), q = last.pass.matrix(columns: query.outputs)
        last.gather(x, into: some)
        last.gather(stream.x, into: last.stream.x)
        stream = last.stream
        last.pass.matmul(some, query.weight, into: q)
        last.pass.compute.prepare(
            queries: projected(q), keys: nil, values: nil, positions: last.pass.positions, rope: rotary)
        attend(q, last.pass, into: stream.delta)
    }

    private func projected(_ q: FloatMatrix) -> ProjectedHeads {
        ProjectedHeads(q, heads: heads, finish: query.finish, norm: queryNorm?.rows)
    }

    /// Makes keys and values, which lie side by side, and queries ready, and stores the first two.
    private func store(_ both: FloatMatrix, queries: ProjectedHeads?, _ pass: ForwardPass) {
        let (k, v) = (both.columns(0..<key.outputs), both.columns(key.outputs..<both.columns))
        pass.compute.prepare(
            queries: queries, keys: ProjectedHeads(k, heads: keyValueHeads, finish: key.finish, norm: keyNorm?.rows),
            values: ProjectedHeads(v, heads: keyValueHeads, finish: value.finish), positions: pass.positions,
            rope: rotary)
        for slice in pass.batch.slices {
            pass.compute.store(
                keys: k.rows(slice.rows), values: v.rows(slice.rows),
                cells: UnsafeBufferPointer(rebasing: pass.positions[slice.rows]), into: slice.cache.pages(layer: layer))
        }
    }

    private func attend(_ q: FloatMatrix, _ pass: ForwardPass, into delta: FloatMatrix) {
        if let temperature { temperature.apply(to: q, pass) }
        let mixed = pass.matrix(columns: heads * valueHeadSize)
        pass.scratch.withSegments { segments in
            for slice in pass.batch.slices {
                segments.append(
                    AttentionSegment(
                        pages: slice.cache.pages(layer: layer), queryRows: slice.rows,
                        firstPosition: slice.firstPosition,
                        window: window))
            }
            pass.compute.attention(
                q, segments: segments,
                parameters: AttentionParameters(
                    heads: heads, kvHeads: keyValueHeads, headSize: headSize, valueHeadSize: valueHeadSize,
                    scale: scale,
                    softcap: softcap, sinks: nil),
                into: mixed)
        }
        pass.matmul(mixed, output.weight, into: delta)
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
