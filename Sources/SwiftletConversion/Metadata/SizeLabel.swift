import Foundation

/// How many parameters a model has, as a short text: `1.5B`, `8x7.1B` (gguf-py, utility.py, `size_label`).
package enum SizeLabel {
    /// Counts of a file's tensors (gguf_writer.py, `get_total_parameter_count`): `total` is negative for adapters, of
    /// which only the size of what they change is known.
    package struct Parameters {
        var total = 0
        var shared = 0
        var experts = 0
        var expertCount = 0
    }

    package static func text(_ parameters: Parameters) -> String {
        guard parameters.expertCount > 0 else { return rounded(abs(parameters.total)) }
        return "\(parameters.expertCount)x\(rounded(abs(parameters.shared) + abs(parameters.experts)))"
    }

    /// Parameters of tensors with those names and shapes (outermost first).
    package static func count(_ tensors: [(name: String, shape: [Int])]) -> Parameters {
        var parameters = Parameters()
        var (expertSum, stacks) = (0, 0)
        var lastDown: (name: String, columns: Int)?
        for (name, shape) in tensors {
            var shape = shape
            if name.hasSuffix(".lora_a") {
                lastDown = (name, shape.last ?? 1)
                continue
            }
            if name.hasSuffix(".lora_b") {
                guard let down = lastDown, down.name.dropLast() == name.dropLast() else { return Parameters() }
                shape[shape.count - 1] = down.columns
            }
            let size = elements(shape)
            if name.contains("_exps."), shape.count >= 3 {
                let count = shape[shape.count - (name.contains(".bias") ? 2 : 3)]
                parameters.experts += size / max(count, 1)
                expertSum += count
                stacks += 1
            } else {
                parameters.shared += size
            }
            parameters.total += size
        }
        parameters.expertCount = stacks > 0 ? expertSum / stacks : 0
        if lastDown != nil { parameters.total = -parameters.total }
        return parameters
    }

    /// At most 2^40: what an adapter changes can be larger than any file.
    private static func elements(_ shape: [Int]) -> Int {
        shape.reduce(1) { count, size in
            let product = count.multipliedReportingOverflow(by: size)
            return product.overflow ? 1 << 40 : min(product.partialValue, 1 << 40)
        }
    }

    private static func rounded(_ count: Int) -> String {
        let scales = [(1e12, 1e-12, "T"), (1e9, 1e-9, "B"), (1e6, 1e-6, "M")]
        let (_, factor, suffix) = scales.first { Double(count) > $0.0 } ?? (0, 1e-3, "K")
        let scaled = Double(count) * factor
        let whole = Int(scaled.rounded(.toNearestOrEven))
        let digits = max(2 - (whole == 0 ? 0 : String(whole).count), 0)
        return String(format: "%.\(digits)f", scaled) + suffix
    }
}
