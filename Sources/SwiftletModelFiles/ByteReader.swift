import SwiftletGround

/// Reads little-endian fields one after the other from bytes that may say anything; every read is checked.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    var remaining: Int { bytes.count - offset }

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next integer or float; `what` names it in the error.
    mutating func read<Value: BitwiseCopyable>(_ type: Value.Type, _ what: @autoclosure () -> String)
        throws(ModelFileError) -> Value
    {
        guard remaining >= MemoryLayout<Value>.size else { throw truncated(what()) }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: type)
        offset += MemoryLayout<Value>.size
        return value
    }

    /// The next `count` bytes, where they lie.
    mutating func take(_ count: Int, _ what: @autoclosure () -> String) throws(ModelFileError) -> UnsafeRawBufferPointer
    {
        guard count >= 0, count <= remaining else { throw truncated(what()) }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// A count or length, which must be at most `remaining / atLeast`: what it counts takes `atLeast` bytes each.
    mutating func readCount(_ what: @autoclosure () -> String, atLeast: Int) throws(ModelFileError) -> Int {
        let count = try read(UInt64.self, what())
        guard count <= UInt64(remaining / atLeast) else {
            throw ModelFileError(
                .truncated, "\(what()) is \(count), more than the \(remaining) bytes that follow can hold",
                at: "offset \(offset - 8)", advice: "The file was cut short or damaged; get it again")
        }
        return Int(count)
    }

    /// A string's bytes: a length of 64 bits, then the bytes.
    mutating func takeString(_ what: @autoclosure () -> String) throws(ModelFileError) -> UnsafeRawBufferPointer {
        let count = try readCount("the length of \(what())", atLeast: 1)
        return try take(count, what())
    }

    func truncated(_ what: String) -> ModelFileError {
        ModelFileError(
            .truncated, "the file ends inside \(what)", at: "offset \(offset)",
            advice: "The file was cut short; get it again")
    }
}
