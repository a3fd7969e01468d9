import CSwiftletKernels

extension KernelTable {
    /// Whether the kernels wrote the blocks; if not, there is none for the type.
    func encode(
        _ type: ElementType, _ x: UnsafePointer<Float>, blocks: Int, importance: UnsafePointer<Float>?, rowBlocks: Int,
        to output: UnsafeMutableRawPointer
    ) -> Bool {
        var call = swl_encode(
            type: type.rawValue, x: x, blocks: blocks, importance: importance, row_blocks: rowBlocks, to: output)
        return table.pointee.encode(&call) != 0
    }
}
