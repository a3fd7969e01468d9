import CSwiftletKernels

extension KernelTable {
    /// Byte products for `rounds`; returns how many.
    func peakInteger(_ rounds: UInt64, _ result: inout Float) -> UInt64 { table.pointee.peak_integer(rounds, &result) }

    /// The same of floats.
    func peakFloat(_ rounds: UInt64, _ result: inout Float) -> UInt64 { table.pointee.peak_float(rounds, &result) }

    /// The same of pairs of BF16, or of floats where the processor has no such operation.
    func peakPairs(_ rounds: UInt64, _ result: inout Float) -> UInt64 { table.pointee.peak_pairs(rounds, &result) }

    /// Reads whole pages of memory.
    func peakRead(_ memory: UnsafeRawPointer, _ bytes: Int, _ result: inout Float) {
        table.pointee.peak_read(memory, bytes, &result)
    }
}
