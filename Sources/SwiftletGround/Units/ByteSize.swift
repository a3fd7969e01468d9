/// A number of bytes as people write it: `5GB`, `1.5 GiB`, `1000000`.
package struct ByteSize: Hashable, Sendable {
    package let bytes: Int

    private static let units = [
        "": 1.0, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 1024, "MIB": 1_048_576,
        "GIB": 1_073_741_824, "TIB": 1_099_511_627_776,
    ]

    package init(_ bytes: Int) { self.bytes = bytes }

    /// Nil for what is no number with a unit, is less than a byte, or is more than a file can have.
    package init?(parsing text: String) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).drop { $0 == " " }.uppercased()
        guard let value = Double(number), let factor = Self.units[unit],
            let bytes = Int(exactly: (value * factor).rounded()),
            bytes > 0
        else { return nil }
        self.bytes = bytes
    }
}

extension ByteSize: CustomStringConvertible {
    /// In the largest unit that needs no fraction, a decimal one where both do.
    package var description: String {
        let unit = [
            ("TB", 1_000_000_000_000), ("TiB", 1 << 40), ("GB", 1_000_000_000), ("GiB", 1 << 30), ("MB", 1_000_000),
            ("MiB", 1 << 20), ("KB", 1000), ("KiB", 1 << 10),
        ].first { bytes > 0 && bytes % $0.1 == 0 }
        return unit.map { "\(bytes / $0.1)\($0.0)" } ?? "\(bytes)"
    }
}
