extension JSONValue {
    /// The deepest nesting that a reader accepts unless it is told otherwise.
    public static var usualDepth: Int { 512 }

    /// Reads one JSON value from UTF-8 bytes (an array, `Data`, a mapped file); throws with line and column.
    ///
    /// `maximumDepth` counts nested arrays and objects and is held to 1,024, since reading uses the stack. Each of
    /// `maximumValues` takes up to 40 bytes beside its text.
    public init(
        parsing bytes: some Collection<UInt8>, maximumDepth: Int = JSONValue.usualDepth, maximumValues: Int = .max
    ) throws(JSONError) {
        let depth = min(maximumDepth, 1024)
        let result =
            bytes.withContiguousStorageIfAvailable { storage in
                Result { () throws(JSONError) in
                    try JSONReader.read(
                        UnsafeRawBufferPointer(storage), maximumDepth: depth, maximumValues: maximumValues)
                }
            }
            ?? Array(bytes).withUnsafeBytes { storage in
                Result { () throws(JSONError) in
                    try JSONReader.read(storage, maximumDepth: depth, maximumValues: maximumValues)
                }
            }
        self = try result.get()
    }

    /// Reads one JSON value from a text; throws with line and column.
    public init(parsing text: String, maximumDepth: Int = JSONValue.usualDepth) throws(JSONError) {
        try self.init(parsing: text.utf8, maximumDepth: maximumDepth)
    }

    /// The value as JSON text.
    public func text(_ style: JSONStyle = .compact) -> String {
        var writer = JSONWriter(style: style)
        writer.write(self, level: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSONObject {
    /// The object as JSON text.
    public func text(_ style: JSONStyle = .compact) -> String { JSONValue.object(self).text(style) }
}

extension JSONValue: CustomStringConvertible {
    /// Compact JSON.
    public var description: String { text() }
}
