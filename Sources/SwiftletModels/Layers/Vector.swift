import SwiftletTensors

/// A one-dimensional weight in F32: a norm's gains, a bias, RoPE factors. Small, so it is decoded once at load.
package struct Vector: @unchecked Sendable {
    // Sendable: nothing writes the buffer after init.

    private let buffer: AlignedBuffer
    package let count: Int

    package init(_ values: some Collection<Float>) {
        count = values.count
        buffer = AlignedBuffer(count: values.count, of: Float.self)
        _ = buffer.elements(Float.self).initialize(from: values)
    }

    package var base: UnsafePointer<Float> { UnsafePointer(buffer.elements(Float.self).baseAddress!) }

    package subscript(index: Int) -> Float {
        precondition(index >= 0 && index < count, "element \(index) of \(count)")
        return base[index]
    }
}
