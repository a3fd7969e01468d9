/// What a machine does at best with so many threads: the limits that speeds are measured against.
///
/// Measured with the operations that the kernels are made of (CSwiftletKernels/peaks), all threads at once; other work on
/// the machine lowers it, so the best of many short turns counts.
public struct MachinePeaks: Sendable, Hashable {
    public let threads: Int
    /// `avx512BF16`, `avx512VNNI`, `avx2`, `neon` or `scalar`.
    public let instructionSet: String
    /// Multiply-adds of bytes a second, all threads together.
    public let integer: Double
    /// Multiply-adds of floats a second.
    public let float: Double
    /// Multiply-adds of BF16: the floats' where no instruction is for them.
    public let bfloat: Double
    /// Bytes a second that are read from memory.
    public let bandwidth: Double

    /// `bfloat`: nil for the peak of floats.
    public init(
        threads: Int, instructionSet: String, integer: Double, float: Double, bfloat: Double? = nil, bandwidth: Double
    ) {
        (self.threads, self.instructionSet) = (threads, instructionSet)
        (self.integer, self.float, self.bfloat, self.bandwidth) = (integer, float, bfloat ?? float, bandwidth)
    }
}

extension ElementType {
    /// Whether weights of this type meet int8 activations; others are multiplied as floats.
    package var multipliesIntegers: Bool { KernelTable.kind(of: self) == .integer }
    /// Whether they meet activations rounded to BF16.
    package var multipliesBFloats: Bool { KernelTable.kind(of: self) == .bfloat }
}
