/// A file that is whole and checked in `partial/`, or that the library has already.
struct FetchedFile: Sendable {
    let name: String
    let size: Int
    let sha256: String
}

/// What a source gave: files ready to be put under a name.
struct Fetched: Sendable {
    let files: [FetchedFile]
    /// The source, with everything that was chosen on the way filled in.
    let source: ModelSource
    /// The publisher's word for the licence, if the source tells.
    var license: String?
}

/// What is to be fetched: a source, and what the catalogue promises of the file that it gives.
struct Order: Sendable {
    let source: ModelSource
    var fileName: String?
    var size: Int?
    var sha256: String?
    /// The quantization to choose if the source offers several.
    var quantization: String?
    var license: String?
}
