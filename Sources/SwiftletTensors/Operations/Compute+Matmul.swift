extension Compute {
    /// `x` `[tokens, inputs]` times the transpose of `weight` `[outputs, inputs]`, into `output` `[tokens, outputs]`.
    package func matmul(_ x: FloatMatrix, _ weight: TensorView, into output: FloatMatrix) {
        matmul(x, weight, into: output, making: RowsAsTheyAre())
    }

    /// The same for an `x` that `maker` fills, a tile of rows at a time, in the parallel part that quantizes or rounds it.
    package func matmul(_ x: FloatMatrix, _ weight: TensorView, into output: FloatMatrix, making maker: some RowMaker) {
        withUnsafePointer(to: weight) {
            matmul(x, UnsafeBufferPointer(start: $0, count: 1), into: output, making: maker)
        }
    }

    /// The same `x` times several weights, whose products lie side by side in `output` `[tokens, sum of outputs]`: it is
    /// quantized once, and all weights are one parallel piece of work.
    package func matmul(
        _ x: FloatMatrix, _ weights: [TensorView], into output: FloatMatrix,
        making maker: some RowMaker = RowsAsTheyAre()
    ) {
        weights.withUnsafeBufferPointer { matmul(x, $0, into: output, making: maker) }
    }

    private func matmul(
        _ x: FloatMatrix, _ weights: UnsafeBufferPointer<TensorView>, into output: FloatMatrix,
        making maker: some RowMaker
    ) {
        guard x.rows > 0 else { return }
        var needsQuantized = false, needsRounded = false, bytes = KernelTable.scratchBytes(tokens: x.rows), outputs = 0
        for weight in weights {
            precondition(weight.columns == x.columns, "\(x.shape) times \(weight.name) \(weight.shape)")
            outputs += weight.rows
            switch kind(weight.type) {
            case .integer: needsQuantized = true
            case .bfloat: needsRounded = true
            case .float: break
            case .decoded:
                bytes = max(bytes, decodedOffset(tokens: x.rows) + KernelTable.group * x.columns * 4)
            }
        }
        precondition(
            output.rows == x.rows && output.columns == outputs,
            "\(x.shape) times \(outputs) rows into \(output.shape)")
        var prepared = PreparedRows()
        if needsQuantized {
            let bytes = KernelTable.quantizedBytes(tokens: x.rows, columns: x.columns)
            prepared.quantized = memory(.quantized, bytes: bytes)
        }
        if needsRounded {
            prepared.rounded = memory(.rounded, bytes: KernelTable.roundedBytes(tokens: x.rows, columns: x.columns))
        }
        reserveScratch(bytes: bytes)
        prepare(x, prepared, maker)

        withUnsafeTemporaryAllocation(of: MatmulTarget.self, capacity: weights.count) { parts in
            var tasks = 0, column = 0
            for index in weights.indices {
                let part = part(
                    x, weights[index], into: output.columns(column..<column + weights[index].rows),
                    prepared, outputs: outputs)
                parts.initializeElement(at: index, to: part)
                tasks += part.tasks
                column += weights[index].rows
            }
            pool.run(
                tasks,
                MatmulWork(
                    parts: UnsafeBufferPointer(parts), weights: weights, kernels: kernels, memory: workerMemory,
                    decodedOffset: decodedOffset(tokens: x.rows)))
        }
    }

    /// Fills the rows of `x`, and quantizes and rounds them where `prepared` has memory for that.
    private func prepare(_ x: FloatMatrix, _ prepared: PreparedRows, _ maker: some RowMaker) {
        guard prepared.quantized != nil || prepared.rounded != nil else { return make(x.rows, maker) }
        let tiles = (x.rows + KernelTable.tile - 1) / KernelTable.tile
        let cost = min(KernelTable.tile, x.rows) * (x.columns + maker.cost)
        if tiles >= threads || x.rows == 1 {
            eachRow(tiles, cost: cost, PreparedTiles(kernels: kernels, x: x, prepared: prepared, maker: maker))
        } else {
            // Too few tiles for the threads: single rows are shared out, where that pays.
            make(x.rows, maker)
            let made = RowsAsTheyAre()
            eachRow(tiles, cost: cost, PreparedTiles(kernels: kernels, x: x, prepared: prepared, maker: made))
        }
    }

    private func part(
        _ x: FloatMatrix, _ weight: TensorView, into output: FloatMatrix, _ prepared: PreparedRows,
        outputs: Int
    ) -> MatmulTarget {
        guard let base = weight.bytes.baseAddress else { preconditionFailure("\(weight.name) has no memory") }
        let kind = kind(weight.type)
        let part = MatmulPart(
            type: weight.type, weights: base, rowBytes: weight.rowBytes, rows: weight.rows, columns: x.columns,
            tokens: x.rows, quantized: kind == .integer ? prepared.quantized : nil,
            rounded: kind == .bfloat ? prepared.rounded : nil, floats: x.base, floatsStride: x.stride,
            scratch: scratch(0), output: output.base, outputStride: output.stride, rowsAfter: 0)
        return MatmulTarget(
            whole: part, isDecoded: kind == .decoded,
            rowsPerTask: rowsPerTask(weight, kind, tokens: x.rows, outputs: outputs))
    }

    /// Whole groups of some 32 KB, and fewer for many activation rows: a task is a few microseconds, so that at the end no
    /// thread waits long for another. `outputs`: rows of all weights.
    private func rowsPerTask(_ weight: TensorView, _ kind: MatmulKind, tokens: Int, outputs: Int) -> Int {
        // Panels of BF16 are two groups, and pass in half the time of others.
        let group = kind == .bfloat ? KernelTable.group * 2 : KernelTable.group
        let bytes = group * weight.rowBytes * max(1, tokens / KernelTable.tile)
        var most = 32_768
        // A task's first rows come from memory unasked for, which floats feel most when all the work is to read them.
        if tokens == 1, kind == .float || kind == .bfloat {
            most = min(max(most, outputs * weight.rowBytes / (threads * 4)), 262_144)
        }
        return group * max(1, most / max(bytes, 1))
    }

    private func kind(_ type: ElementType) -> MatmulKind {
        let kind = KernelTable.kind(of: type)
        return arithmetic == .exact && kind != .float ? .decoded : kind
    }

    /// Where decoded rows lie in a worker's memory: after what the float kernel itself needs.
    private func decodedOffset(tokens: Int) -> Int { (KernelTable.scratchBytes(tokens: tokens) + 63) / 64 * 64 }

    /// Up to 16 rows of a weight of any type as floats; `scratch` as for matmul.
    func decode(
        _ weight: TensorView, rows: Range<Int>, into output: UnsafeMutablePointer<Float>, stride: Int,
        scratch: UnsafeMutableRawPointer
    ) {
        kernels.decode(weight, rows: rows, into: output, stride: stride, scratch: scratch)
    }
}

/// Where activations go in the forms that weights want them in, if any does.
private struct PreparedRows {
    var quantized: UnsafeMutableRawPointer?
    var rounded: UnsafeMutableRawPointer?
}

/// Tiles of activation rows: filled, then quantized and rounded.
private struct PreparedTiles<Maker: RowMaker>: RowWork {
    let kernels: KernelTable
    let x: FloatMatrix
    let prepared: PreparedRows
    let maker: Maker

    func callAsFunction(row tile: Int) {
        maker.make(tile * KernelTable.tile..<min((tile + 1) * KernelTable.tile, x.rows))
        if let quantized = prepared.quantized { kernels.quantize(x, into: quantized, tile: tile) }
        if let rounded = prepared.rounded { kernels.round(x, into: rounded, tile: tile) }
    }
}

/// All weights of a matmul, in tasks of whole rows.
private struct MatmulWork: ParallelWork {
    let parts: UnsafeBufferPointer<MatmulTarget>
    let weights: UnsafeBufferPointer<TensorView>
    let kernels: KernelTable
    let memory: WorkerMemory
    let decodedOffset: Int

    func callAsFunction(task: Int, worker: Int) {
        var task = task
        for index in parts.indices {
            if task >= parts[index].tasks {
                task -= parts[index].tasks
                continue
            }
            let part = parts[index].rows(of: task, scratch: memory[worker])
            guard parts[index].isDecoded else { return kernels.matmul(part) }
            return multiplyDecoded(part, weights[index], task * parts[index].rowsPerTask)
        }
    }

    /// `first`: the part's first row in the weight.
    private func multiplyDecoded(_ part: MatmulPart, _ weight: TensorView, _ first: Int) {
        let decoded = (part.scratch + decodedOffset).assumingMemoryBound(to: Float.self)
        var group = part
        (group.type, group.weights, group.rowBytes) = (.f32, UnsafeRawPointer(decoded), part.columns * 4)
        group.rowsAfter = 0
        for row in stride(from: 0, to: part.rows, by: KernelTable.group) {
            group.rows = min(KernelTable.group, part.rows - row)
            group.output = part.output + row
            kernels.decode(
                weight, rows: first + row..<first + row + group.rows, into: decoded, stride: part.columns,
                scratch: part.scratch)
            kernels.matmul(group)
        }
    }
}

extension KernelTable {
    /// Up to 16 rows of a weight of any type as floats; `scratch` as for matmul.
    fileprivate func decode(
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
                decode(
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
