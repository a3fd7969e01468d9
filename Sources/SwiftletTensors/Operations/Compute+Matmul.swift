extension Compute {
    /// `x` `[tokens, inputs]` times the transpose of `weight` `[outputs, inputs]`, into `output` `[tokens, outputs]`.
    package func matmul(_ x: FloatMatrix, _ weight: TensorView, into output: FloatMatrix) {
        matmul(x, [(weight: weight, output: output)])
    }

    /// The same `x` times several weights: it is quantized once, and all weights are one parallel piece of work.
    package func matmul(_ x: FloatMatrix, _ targets: [(weight: TensorView, output: FloatMatrix)]) {
        guard x.rows > 0 else { return }
        var needsQuantized = false, needsPacked = false, bytes = KernelTable.scratchBytes(tokens: x.rows)
        for target in targets {
            precondition(
                target.weight.columns == x.columns && target.output.rows == x.rows
                    && target.output.columns == target.weight.rows,
                "\(x.shape) times \(target.weight.name) \(target.weight.shape) into \(target.output.shape)")
            switch kind(target.weight.type) {
            case .integer: needsQuantized = true
            case .float: needsPacked = true
            case .decoded:
                needsPacked = true
                bytes = max(bytes, decodedOffset(tokens: x.rows) + KernelTable.group * x.columns * 4)
            }
        }
        let quantized =
            needsQuantized
            ? memory(.quantized, bytes: KernelTable.quantizedBytes(tokens: x.rows, columns: x.columns)) : nil
        let packed = needsPacked ? memory(.packed, bytes: x.rows * x.columns * 4) : nil
        reserveScratch(bytes: bytes)
        prepare(x, quantized: quantized, packed: packed)

        // Groups of 16 rows, several to a task: enough tasks that a slow core gives work away, few enough to be cheap.
        let group = KernelTable.group
        let groups = targets.reduce(0) { $0 + ($1.weight.rows + group - 1) / group }
        let perTask = max(1, min(16, groups / (threads * 8)))
        var tasks = 0
        for target in targets {
            tasks += ((target.weight.rows + group - 1) / group + perTask - 1) / perTask
        }
        pool.run(tasks) { task, worker in
            var task = task
            for target in targets {
                let rows = target.weight.rows
                let count = ((rows + group - 1) / group + perTask - 1) / perTask
                if task < count {
                    let first = task * perTask * group
                    multiply(
                        x, target.weight, rows: first..<min(first + perTask * group, rows), into: target.output,
                        quantized: quantized, packed: packed, scratch: scratch(worker))
                    return
                }
                task -= count
            }
        }
    }

    private func kind(_ type: ElementType) -> MatmulKind {
        let kind = KernelTable.kind(of: type)
        return arithmetic == .exact && kind == .integer ? .decoded : kind
    }

    private func prepare(_ x: FloatMatrix, quantized: UnsafeMutableRawPointer?, packed: UnsafeMutableRawPointer?) {
        let tile = KernelTable.tile
        eachRow((x.rows + tile - 1) / tile, cost: min(tile, x.rows) * x.columns) { [kernels] tile in
            if let quantized { kernels.quantize(x, into: quantized, tile: tile) }
            if let packed { kernels.pack(x, into: packed, tile: tile) }
        }
    }

    /// Where decoded rows lie in a worker's memory: after what the float kernel itself needs.
    private func decodedOffset(tokens: Int) -> Int { (KernelTable.scratchBytes(tokens: tokens) + 63) / 64 * 64 }

    private func multiply(
        _ x: FloatMatrix, _ weight: TensorView, rows: Range<Int>, into output: FloatMatrix,
        quantized: UnsafeMutableRawPointer?, packed: UnsafeMutableRawPointer?, scratch: UnsafeMutableRawPointer
    ) {
        guard let base = weight.bytes.baseAddress else { return }
        let rowBytes = weight.rowBytes, kind = kind(weight.type)
        var part = MatmulPart(
            type: weight.type, weights: base + rows.lowerBound * rowBytes, rowBytes: rowBytes, rows: rows.count,
            columns: x.columns, tokens: x.rows, quantized: kind == .integer ? quantized : nil,
            packed: kind == .integer ? nil : packed, scratch: scratch, output: output.base + rows.lowerBound,
            outputStride: output.stride, rowsAfter: weight.rows - rows.upperBound)
        guard kind == .decoded else { return kernels.matmul(part) }
        let decoded = (scratch + decodedOffset(tokens: x.rows)).assumingMemoryBound(to: Float.self)
        (part.type, part.weights, part.rowBytes) = (.f32, UnsafeRawPointer(decoded), x.columns * 4)
        part.rowsAfter = 0
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: KernelTable.group) {
            let end = min(first + KernelTable.group, rows.upperBound)
            decode(weight, rows: first..<end, into: decoded, stride: x.columns, scratch: scratch)
            (part.rows, part.output) = (end - first, output.base + first)
            kernels.matmul(part)
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
