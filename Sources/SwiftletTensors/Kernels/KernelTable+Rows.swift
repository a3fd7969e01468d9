import CSwiftletKernels

// Kernels on one row of floats.
extension KernelTable {
    typealias Row = UnsafeMutablePointer<Float>

    func rmsNorm(_ x: Row, _ weight: UnsafePointer<Float>?, _ epsilon: Float, _ count: Int, into to: Row) {
        table.pointee.rms_norm(x, weight, epsilon, count, to)
    }

    func layerNorm(
        _ x: Row, _ weight: UnsafePointer<Float>?, _ bias: UnsafePointer<Float>?, _ epsilon: Float, _ count: Int,
        into to: Row
    ) {
        table.pointee.layer_norm(x, weight, bias, epsilon, count, to)
    }

    func softmax(_ x: Row, _ count: Int) { table.pointee.softmax(x, count) }
    func add(_ x: UnsafePointer<Float>, _ scale: Float, _ count: Int, to y: Row) {
        table.pointee.add(x, scale, count, y)
    }
    func scale(_ x: Row, _ by: Float, _ count: Int) { table.pointee.scale(x, by, count) }
    func softcap(_ x: Row, _ cap: Float, _ count: Int) { table.pointee.softcap(x, cap, count) }

    func activate(_ activation: Activation, _ x: Row, _ up: Row?, _ count: Int, into to: Row) {
        table.pointee.activate(activation.kernel, x, up, count, to)
    }

    func rotate(
        _ x: Row, heads: Int, headSize: Int, dimensions: Int, halves: Bool, _ cosines: UnsafePointer<Float>,
        _ sines: UnsafePointer<Float>
    ) {
        table.pointee.rotate(x, heads, headSize, dimensions, halves ? 1 : 0, cosines, sines)
    }
}

extension Activation {
    fileprivate var kernel: swl_activation {
        switch self {
        case .silu: swl_silu
        case .geluTanh: swl_gelu_tanh
        case .gelu: swl_gelu_erf
        case .geluQuick: swl_gelu_quick
        case .relu: swl_relu
        case .reluSquared: swl_relu_squared
        case .sigmoid: swl_sigmoid
        case .tanh: swl_tanh
        case .identity: swl_identity
        }
    }
}
