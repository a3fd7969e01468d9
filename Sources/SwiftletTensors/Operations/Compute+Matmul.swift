extension Compute {
    /// `x` `[tokens, inputs]` times the transpose of `weight` `[outputs, inputs]`, into `output` `[tokens, outputs]`.
    package func matmul(_ x: FloatMatrix, _ weight: TensorView, into output: FloatMatrix) {
        matmul(x, [(weight: weight, output: output)])
    }

    /// The same `x` times several weights: it is quantized once, and all weights are one parallel piece of work.
    package func matmul(_ x: FloatMatrix, _ targets: [(weight: TensorView, output: FloatMatrix)]) {
        guard x.rows > 0 else { return }
        var needsQuantized = false, bytes = KernelTable.scratchBytes(tokens: x.rows)
        for target in targets {
            precondition(
                target.weight.columns == x.columns && target.output.rows == x.rows
                    && target.output.columns == target.weight.rows,
                "\(x.shape) times \(target.weight.name) \(target.weight.shape) into \(target.output.shape)")
            switch kind(target.weight.type) {
            case .integer: needsQuantized = true
            case .float: break
            case .decoded:
                bytes = max(bytes, decodedOffset(tokens: x.rows) + KernelTable.group * x.columns * 4)
            }
        }
        let quantized =
            needsQuantized
            ? memory(.quantized, bytes: KernelTable.quantizedBytes(tokens: x.rows, columns: x.columns)) : nil
        reserveScratch(bytes: bytes)
        if let quantized { quantize(x, into: quantized) }

        // Plain addresses: threads that count references to the same tensor would wait for each other.
        withUnsafeTemporaryAllocation(of: MatmulTarget.self, capacity: targets.count) { parts in
            for index in targets.indices {
                let part = part(x, targets[index].weight, into: targets[index].output, quantized: quantized)
                parts.initializeElement(at: index, to: part)
            }
            let parts = UnsafeBufferPointer(parts)
            pool.run(parts.reduce(0) { $0 + $1.tasks }) { task, worker in
                var task = task
                for index in parts.indices {
                    if task >= parts[index].tasks {
                        task -= parts[index].tasks
                        continue
                    }
                    let part = parts[index].rows(of: task, scratch: scratch(worker))
                    guard parts[index].isDecoded else { return kernels.matmul(part) }
                    return multiplyDecoded(part, targets[index].weight, task * parts[index].rowsPerTask)
                }
            }
        }
    }

    private func part(
        _ x: FloatMatrix, _ weight: TensorView, into output: FloatMatrix, quantized: UnsafeMutableRawPointer?
    ) -> MatmulTarget {
        guard let base = weight.bytes.baseAddress else { preconditionFailure("\(weight.name) has no memory") }
        let kind = kind(weight.type)
        let part = MatmulPart(
            type: weight.type, weights: base, rowBytes: weight.rowBytes, rows: weight.rows, columns: x.columns,
            tokens: x.rows, quantized: kind == .integer ? quantized : nil, floats: x.base, floatsStride: x.stride,
            scratch: scratch(0), output: output.base, outputStride: output.stride, rowsAfter: 0)
        return MatmulTarget(
            whole: part, isDecoded: kind == .decoded, rowsPerTask: rowsPerTask(weight, tokens: x.rows))
    }

    /// Whole groups of some 32 KB, and fewer for many activation rows: a task is a few microseconds, so that at the end no
    /// thread waits long for another.
    private func rowsPerTask(_ weight: TensorView, tokens: Int) -> Int {
        let bytes = KernelTable.group * weight.rowBytes * max(1, tokens / KernelTable.tile)
        return KernelTable.group * max(1, 32_768 / max(bytes, 1))
    }

    private func kind(_ type: ElementType) -> MatmulKind {
        let kind = KernelTable.kind(of: type)
        return arithmetic == .exact && kind == .integer ? .decoded : kind
    }

    private func quantize(_ x: FloatMatrix, into memory: UnsafeMutableRawPointer) {
        let tile = KernelTable.tile
        eachRow((x.rows + tile - 1) / tile, cost: min(tile, x.rows) * x.columns) { [kernels] tile in
            kernels.quantize(x, into: memory, tile: tile)
        }
    }

    /// Where decoded rows lie in a worker's memory: after what the float kernel itself needs.
    private func decodedOffset(tokens: Int) -> Int { (KernelTable.scratchBytes(tokens: tokens) + 63) / 64 * 64 }

    /// `first`: the part's first row in the weight.
    private func multiplyDecoded(_ part: MatmulPart, _ weight: TensorView, _ first: Int) {
        let decoded = (part.scratch + decodedOffset(tokens: part.tokens)).assumingMemoryBound(to: Float.self)
        var group = part
        (group.type, group.weights, group.rowBytes) = (.f32, UnsafeRawPointer(decoded), part.columns * 4)
        group.rowsAfter = 0
        for row in stride(from: 0, to: part.rows, by: KernelTable.group) {
            group.rows = min(KernelTable.group, part.rows - row)
            group.output = part.output + row
            decode(
                weight, rows: first + row..<first + row + group.rows, into: decoded, stride: part.columns,
                scratch: part.scratch)
            kernels.matmul(group)
        }
    }

    /// Up to 16 rows of a weight of any type as floats; `scratch` as for matmul.
    func decode(
        _ weight: TensorView, rows: Range<Int>, into output: UnsafeMutablePointer<Float>, stride: Int,
        scratch: UnsafeMutableRawPointer
    ) {
        guard let base = weight.bytes.baseAddress else { return }
        if KernelTable.kind(of: weight.type) == .decoded {
            for row in rows {
                let part = UnsafeMutableBufferPointer(
                    start: output + (row - rows.lowerBound) * stride, count: weight.columns)
                weight.decodeRows(row..<row + 1, into: part)
            }
            return
        }
        withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: KernelTable.group) { from in
            withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>?.self, capacity: KernelTable.group) { to in
                for index in 0..<rows.count {
                    from.initializeElement(at: index, to: base + (rows.lowerBound + index) * weight.rowBytes)
                    to.initializeElement(at: index, to: output + index * stride)
                }
                guard let from = from.baseAddress, let to = to.baseAddress else { return }
                kernels.decode(
                    weight.type, rows: from, count: rows.count, columns: weight.columns, into: to, scratch: scratch)
            }
        }
    }
}

/// A weight of a matmul and where its products go, shared out in tasks of whole rows.
private struct MatmulTarget {
    let whole: MatmulPart
    let isDecoded: Bool
    let rowsPerTask: Int

    var tasks: Int { (whole.rows + rowsPerTask - 1) / rowsPerTask }

    func rows(of task: Int, scratch: UnsafeMutableRawPointer) -> MatmulPart {
        let first = task * rowsPerTask
        var part = whole
        part.rows = min(rowsPerTask, whole.rows - first)
        part.rowsAfter = whole.rows - first - part.rows
        part.weights = whole.weights + first * whole.rowBytes
        part.output = whole.output + first
        part.scratch = scratch
        return part
    }
}
