/// How a character stands in the text: as it is, or inside a JSON string.
enum Spelling {
    case plain
    /// As JSON writers do: quote, backslash and control characters escaped in the shortest way, all others as they are.
    case json

    /// Characters that stand for themselves inside a JSON string.
    static let rawInJSON = ScalarSet([0x20...0x21, 0x23...0x5B, 0x5D...0x10FFFF])

    func expression(_ set: ScalarSet) -> Expression {
        switch self {
        case .plain: .scalars(set)
        case .json:
            .any(
                [.scalars(set.intersection(Self.rawInJSON))].filter { $0 != .scalars(ScalarSet()) }
                    + escapes(set).map { .literal($0) })
        }
    }

    /// The byte ranges that spell the set's characters, in ascending order.
    func byteSequences(_ set: ScalarSet) -> [[ClosedRange<UInt8>]] {
        switch self {
        case .plain: return set.byteSequences
        case .json:
            let all =
                set.intersection(Self.rawInJSON).byteSequences + escapes(set).map { bytes in bytes.map { $0...$0 } }
            return all.sorted { one, other in
                one.lazy.map(\.lowerBound).lexicographicallyPrecedes(other.lazy.map(\.lowerBound))
            }
        }
    }

    /// Escapes of the set's characters that need one, in ascending order.
    private func escapes(_ set: ScalarSet) -> [[UInt8]] {
        set.subtracting(Self.rawInJSON).ranges.flatMap { range in range.map(Self.escape) }
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func escape(_ scalar: UInt32) -> [UInt8] {
        let text =
            switch scalar {
            case 0x22: "\\\""
            case 0x5C: "\\\\"
            case 0x08: "\\b"
            case 0x09: "\\t"
            case 0x0A: "\\n"
            case 0x0C: "\\f"
            case 0x0D: "\\r"
            default: "\\u00" + (scalar < 16 ? "0" : "") + String(scalar, radix: 16)
            }
        return Array(text.utf8)
    }
}
