/// In place of swift-crypto's, whose C library takes minutes to build: the parsers only look digests up in a table of
/// known vocabularies, and no input is one of those.
public enum SHA256 {
    /// FNV-1a, four times over.
    public static func hash(data: [UInt8]) -> [UInt8] {
        let hash = data.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return (0..<32).map { UInt8(truncatingIfNeeded: hash >> UInt64($0 % 8 * 8)) }
    }
}
