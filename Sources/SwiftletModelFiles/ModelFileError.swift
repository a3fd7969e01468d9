public import SwiftletGround

public enum ModelFileDomain: FailureDomain {}

/// What goes wrong with model files: reading, checking and writing them.
public typealias ModelFileError = Failure<ModelFileDomain>

extension Failure<ModelFileDomain>.Code {
    /// The file cannot be opened, mapped or found.
    public static var cannotRead: Self { Self("cannot-read") }
    /// The file cannot be created, written, synchronized or renamed; its place says which, its problem why (full disk).
    public static var cannotWrite: Self { Self("cannot-write") }
    /// The bytes are of another format, byte order or version.
    public static var unsupported: Self { Self("unsupported") }
    /// The file ends before what it promises.
    public static var truncated: Self { Self("truncated") }
    /// The bytes contradict the format or each other.
    public static var malformed: Self { Self("malformed") }
    /// A key or tensor that is needed is not there.
    public static var missing: Self { Self("missing") }
    /// A metadata value has another type, or is out of the range that was asked for.
    public static var wrongType: Self { Self("wrong-type") }
    /// Shards of one model do not belong together, or one is missing.
    public static var shards: Self { Self("shards") }
    /// A checksum differs from the one expected.
    public static var checksum: Self { Self("checksum") }
}
