/// 32 weights in 4-bit floats E2M1 with a shared power of two (OCP Microscaling Formats 1.0).
///
/// Block of 17 bytes: scale E8M0; 16 bytes laid out as Q4_0.
enum MXFP4Format: Format {
    static let type = ElementType.mxfp4

    /// Twice the values of E2M1, so that they are whole; the scale is halved instead.
    static let doubledLevels = Codebook([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12] as [Float])

    @inline(__always)
    static func decodeBlock(_ block: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        let scale = halfFloat(e8m0: block[0])
        let levels = doubledLevels.entries
        for j in 0..<16 {
            output[j] = levels[Int(block[1 + j] & 15)] * scale
            output[j + 16] = levels[Int(block[1 + j] >> 4)] * scale
        }
    }
}
