import CSwiftletKernels

extension KernelTable {
    /// Whether the kernels wrote the blocks; if not, there is none for the type.
    func encode(
        _ type: ElementType, _ x: UnsafePointer<Float>, blocks: Int, importance: UnsafePointer<Float>?, rowBlocks: Int,
        to output: UnsafeMutableRawPointer
    ) -> Bool {
        var call = swl_encode(
            type: type.rawValue, x: x, blocks: blocks, importance: importance, row_blocks: rowBlocks, grid: swl_grid(),
            to: output)
        if let grid = Grids.index(of: type) {
            call.grid = swl_grid(places: grid.places.entries, lists: grid.candidates.entries)
        }
        return table.pointee.encode(&call) != 0
    }
}
