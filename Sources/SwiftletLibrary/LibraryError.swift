public import SwiftletGround

public enum LibraryDomain: FailureDomain {}

/// What goes wrong with the model library: names, catalogue, downloads, files on disk.
public typealias LibraryError = Failure<LibraryDomain>

extension Failure<LibraryDomain>.Code {
    /// A text is not a model's name.
    public static var name: Self { Self("name") }
    /// A text is not a source to pull from.
    public static var source: Self { Self("source") }
    /// No model, file, catalogue entry or remote file of that name.
    public static var notFound: Self { Self("not-found") }
    /// A name fits several models.
    public static var ambiguous: Self { Self("ambiguous") }
    /// The catalogue file breaks its own rules.
    public static var catalogue: Self { Self("catalogue") }
    /// A manifest cannot be read as one.
    public static var manifest: Self { Self("manifest") }
    /// A manifest names a file that the library does not hold.
    public static var missingBlob: Self { Self("missing-blob") }
    /// A host cannot be reached, or the connection broke and did not come back.
    public static var network: Self { Self("network") }
    /// A server refused: its HTTP status says why.
    public static var refused: Self { Self("refused") }
    /// Bytes arrived, but not those that were promised.
    public static var checksum: Self { Self("checksum") }
    /// The disk has too little room.
    public static var diskFull: Self { Self("disk-full") }
    /// A file or folder of the library cannot be read or written.
    public static var storage: Self { Self("storage") }
    /// Python or pip is missing or failed.
    public static var python: Self { Self("python") }
    /// A wheel does not hold what was asked for, or is damaged.
    public static var package: Self { Self("package") }
    /// A file is not a model that Swiftlet can read.
    public static var notAModel: Self { Self("not-a-model") }
}
