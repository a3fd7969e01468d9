extension Compute {
    /// Row `tokens[i]` of `table` `[vocabulary, width]`, of any type, into row i of `output`. Ids must be in the table.
    package func embed(_ tokens: UnsafeBufferPointer<Int32>, table: TensorView, into output: FloatMatrix) {
        precondition(
            output.rows == tokens.count && output.columns == table.columns,
            "\(tokens.count) rows of \(table.shape) into \(output.shape)")
        reserveScratch(bytes: KernelTable.scratchBytes(tokens: 1))
        for (index, token) in tokens.enumerated() {
            precondition(token >= 0 && Int(token) < table.rows, "token \(token) of \(table.rows)")
            decode(
                table, rows: Int(token)..<Int(token) + 1, into: output[row: index], stride: output.stride,
                scratch: scratch(0))
        }
    }
}
