/// A stretch of valid UTF-8 inside a scope that keeps its bytes alive, read scalar by scalar.
///
/// It comes from `String.withUTF8`, so every scalar is whole; positions are byte offsets at scalar boundaries.
/// Questions past the end answer "nothing" (no flags, byte 0), which is what a regex's failing atom amounts to.
struct ScannedText {
    let bytes: UnsafePointer<UInt8>
    /// Where this stretch ends; the bytes before its own start belong to the same text.
    let end: Int
    private let pages: UnsafeMutablePointer<UInt16>
    private let blocks: UnsafeMutablePointer<ScalarFlags>

    init(_ bytes: UnsafePointer<UInt8>, end: Int) {
        self.bytes = bytes
        self.end = end
        pages = ScalarTable.shared.pages
        blocks = ScalarTable.shared.blocks
    }

    private init(_ other: Self, end: Int) {
        bytes = other.bytes
        self.end = end
        pages = other.pages
        blocks = other.blocks
    }

    /// The same text, ending earlier.
    func ending(at end: Int) -> Self {
        Self(self, end: end)
    }

    @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        index < end ? bytes[index] : 0
    }

    @inline(__always)
    func flags(_ index: Int) -> ScalarFlags {
        guard index < end else { return [] }
        let byte = bytes[index]
        return byte < 0x80 ? blocks[Int(byte)] : flags(of: scalar(index))
    }

    /// The position after the scalar at `index`.
    @inline(__always)
    func next(_ index: Int) -> Int {
        index + Self.length(bytes[index])
    }

    @inline(__always)
    static func length(_ lead: UInt8) -> Int {
        lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    @inline(__always)
    func flags(of scalar: UInt32) -> ScalarFlags {
        blocks[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
    }

    /// The scalar at `index`, which is before the end.
    @inline(__always)
    func scalar(_ index: Int) -> UInt32 {
        let lead = UInt32(bytes[index])
        if lead < 0x80 { return lead }
        let second = UInt32(bytes[index + 1] & 0x3F)
        if lead < 0xE0 { return (lead & 0x1F) << 6 | second }
        let third = UInt32(bytes[index + 2] & 0x3F)
        if lead < 0xF0 { return (lead & 0x0F) << 12 | second << 6 | third }
        return (lead & 0x07) << 18 | second << 12 | third << 6 | UInt32(bytes[index + 3] & 0x3F)
    }

    /// The end of the run of scalars with any of `wanted` that starts at `index`.
    @inline(__always)
    func run(_ wanted: ScalarFlags, from index: Int) -> Int {
        var position = index
        while position < end, flags(position).meets(wanted) { position = next(position) }
        return position
    }

    /// The end of the run of scalars with none of `unwanted` that starts at `index`.
    @inline(__always)
    func run(without unwanted: ScalarFlags, from index: Int) -> Int {
        var position = index
        while position < end, !flags(position).meets(unwanted) { position = next(position) }
        return position
    }

    @inline(__always)
    func isNewline(_ index: Int) -> Bool {
        let byte = byte(index)
        return byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}
