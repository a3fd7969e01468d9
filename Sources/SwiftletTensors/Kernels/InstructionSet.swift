import CSwiftletKernels

/// The instruction sets that kernels exist for; all give the same bits.
package enum InstructionSet: String, CaseIterable, Sendable {
    case scalar, avx2, avx512VNNI, avx512BF16, neon

    /// Those that this machine has, slowest first.
    package static var available: [InstructionSet] { allCases.filter { $0.table != nil } }

    /// The fastest that this machine has.
    package static let best: InstructionSet = available.last ?? .scalar

    var table: UnsafePointer<swl_kernels>? {
        switch self {
        case .scalar: swl_kernels_for(swl_scalar)
        case .avx2: swl_kernels_for(swl_avx2)
        case .avx512VNNI: swl_kernels_for(swl_avx512_vnni)
        case .avx512BF16: swl_kernels_for(swl_avx512_bf16)
        case .neon: swl_kernels_for(swl_neon)
        }
    }
}
