extension MappedFile {
    /// Calls `body` with the bytes, which stay mapped until it returns: a file that nothing else holds might be unmapped
    /// after its last mention.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }
}
