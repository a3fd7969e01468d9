import SwiftletGround
package import SwiftletModelFiles
package import SwiftletTensors

/// The tensors of a model file by name, each checked against the shape that the configuration asks for.
package struct WeightSource: Sendable {
    package let file: GGUFFile
    package let settings: Hyperparameters

    package init(_ file: GGUFFile) throws(ModelError) {
        self.file = file
        settings = try Hyperparameters(file.metadata)
    }

    package func has(_ name: String) -> Bool { file.tensor(named: name) != nil }

    /// A weight of that shape, outermost dimension first.
    package func tensor(_ name: String, _ shape: Int...) throws(ModelError) -> TensorView {
        let tensor = try found(name)
        guard tensor.shape == shape else { throw wrongShape(tensor, shape) }
        return tensor
    }

    /// The tensor of that name, whatever its shape.
    package func found(_ name: String) throws(ModelError) -> TensorView {
        guard let tensor = file.tensor(named: name) else {
            throw ModelError(
                .missingTensor, "the weight is missing", at: "tensor \(name)",
                advice: ModelError.incompleteAdvice)
        }
        return tensor
    }

    /// A one-dimensional weight in F32.
    package func vector(_ name: String, _ count: Int) throws(ModelError) -> Vector {
        let tensor = try found(name)
        guard tensor.elementCount == count, count > 0 else { throw wrongShape(tensor, [count]) }
        let values = tensor.decoded()
        return Vector(values)
    }

    package func vector(ifPresent name: String, _ count: Int) throws(ModelError) -> Vector? {
        has(name) ? try vector(name, count) : nil
    }

    package func norm(_ name: String, _ count: Int, epsilon: Float) throws(ModelError) -> RMSNorm {
        RMSNorm(weight: try vector(name + ".weight", count), epsilon: epsilon)
    }

    /// `name.weight` `[outputs, inputs]` with `name.bias` and `name.scale` where they exist.
    package func linear(_ name: String, inputs: Int, outputs: Int) throws(ModelError) -> Linear {
        Linear(
            weight: try tensor(name + ".weight", outputs, inputs), bias: try vector(ifPresent: name + ".bias", outputs),
            scale: try vector(ifPresent: name + ".scale", 1)?[0])
    }

    /// The same for a feed-forward layer, whose scale (read only if `scaled`) counts for the bias too.
    package func feedForward(
        _ name: String, inputs: Int, outputs: Int, scaled: Bool
    ) throws(ModelError) -> Linear {
        Linear(
            weight: try tensor(name + ".weight", outputs, inputs), bias: try vector(ifPresent: name + ".bias", outputs),
            scale: scaled ? try vector(ifPresent: name + ".scale", 1)?[0] : nil, scalesBias: true)
    }

    /// Several layers that the file stores as one, `name.weight` `[sum of outputs, inputs]`, taken apart without a copy.
    package func fused(
        _ name: String, inputs: Int, outputs: [Int], scaled: Bool = true
    ) throws(ModelError) -> [Linear] {
        let total = outputs.reduce(0, +)
        let weight = try tensor(name + ".weight", total, inputs)
        let bias = try vector(ifPresent: name + ".bias", total)
        let scale = scaled ? try vector(ifPresent: name + ".scale", 1)?[0] : nil
        var start = 0
        return outputs.map { count in
            defer { start += count }
            let part = start..<start + count
            return Linear(
                weight: weight.rows(part), bias: bias.map { bias in Vector(part.map { bias[$0] }) }, scale: scale)
        }
    }

    private func wrongShape(_ tensor: TensorView, _ shape: [Int]) -> ModelError {
        ModelError(
            .tensorShape, "the shape is \(tensor.shape), but the configuration asks for \(shape)",
            at: "tensor \(tensor.name)",
            advice: ModelError.damagedAdvice)
    }
}
