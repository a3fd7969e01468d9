/// A string that equals another only byte for byte, for keys and vocabularies.
///
/// `String ==` and `String.hash` follow Unicode canonical equivalence, so that "é" and "e\u{301}" would be one key.
public struct ByteString: Hashable, Sendable {
    public let string: String

    public init(_ string: String) {
        self.string = string
    }

    public static func == (left: Self, right: Self) -> Bool {
        var left = left.string
        var right = right.string
        return left.withUTF8 { a in
            right.withUTF8 { b in a.count == b.count && a.elementsEqual(b) }
        }
    }

    public func hash(into hasher: inout Hasher) {
        var copy = string
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension ByteString: Comparable {
    /// The order of code points, which is the order of UTF-8 bytes.
    public static func < (left: Self, right: Self) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }
}
