/// GPT-2's spelling of bytes as printable characters: 0x20 is "Ġ". Source: GPT-2's encoder.py, bytes_to_unicode.
enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [UInt32] = {
        let printable: [ClosedRange<UInt32>] = [0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF]
        var next: UInt32 = 256
        return (0..<256).map { byte in
            if printable.contains(where: { $0.contains(UInt32(byte)) }) { return UInt32(byte) }
            defer { next += 1 }
            return next
        }
    }()

    /// The byte of each character below 324, or -1.
    static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 324)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
        return bytes
    }()

    /// Appends the bytes that a token's text stands for; characters outside the alphabet stand for themselves.
    static func decode(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var index = text.startIndex
        while index < text.endIndex {
            let lead = text[index]
            if lead > 0x20, lead < 0x7F {
                output.append(lead)
                index += 1
                continue
            }
            let length = min(ScannedText.length(lead), text.endIndex - index)
            let scalar =
                length == 1 ? Int(lead) : length == 2 ? Int(lead & 0x1F) << 6 | Int(text[index + 1] & 0x3F) : 324
            if scalar < 324, bytes[scalar] >= 0 {
                output.append(UInt8(bytes[scalar]))
            } else {
                output += text[index..<index + length]
            }
            index += length
        }
    }

    /// The text of a token for these bytes.
    static func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            let scalar = scalars[Int(byte)]
            if scalar < 0x80 {
                output.append(UInt8(scalar))
            } else {
                output.append(0xC0 | UInt8(scalar >> 6))
                output.append(0x80 | UInt8(scalar & 0x3F))
            }
        }
        return output
    }
}
