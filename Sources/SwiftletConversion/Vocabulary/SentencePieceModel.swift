import SwiftletGround

/// The pieces of a SentencePiece model file, `tokenizer.model`.
///
/// The file is a protocol buffer (sentencepiece_model.proto): field 1 of the message is a piece, in which field 1 is
/// its text, 2 its score, 3 its type; everything else is skipped.
package struct SentencePieceModel {
    package struct Piece: Equatable {
        package var text: [UInt8] = []
        package var score: Float = 0
        /// 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
        package var type = 1
    }

    package private(set) var pieces: [Piece] = []

    /// Throws if the bytes are no such message, or a piece's text is not UTF-8.
    package init(_ bytes: UnsafeRawBufferPointer) throws(ConversionError) {
        var message = ProtocolBuffer(bytes)
        while let field = try message.next() {
            guard field.number == 1, case .bytes(let content) = field.value else { continue }
            pieces.append(try Self.piece(content, index: pieces.count))
        }
        guard !pieces.isEmpty else {
            throw ConversionError(.malformed, "holds no pieces", advice: "The file is damaged; get it again")
        }
    }

    private static func piece(_ bytes: UnsafeRawBufferPointer, index: Int) throws(ConversionError) -> Piece {
        var piece = Piece()
        var message = ProtocolBuffer(bytes)
        while let field = try message.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let text)): piece.text = Array(text)
            case (2, .bits32(let bits)): piece.score = Float(bitPattern: bits)
            case (3, .integer(let type)): piece.type = Int(clamping: type)
            default: break
            }
        }
        guard String(validating: piece.text, as: UTF8.self) != nil, piece.score.isFinite, (1...6).contains(piece.type)
        else { throw ConversionError(.malformed, "a piece is no text with score and type", at: "piece \(index)") }
        return piece
    }
}

/// Reads the fields of a protocol buffer message one after the other
/// (https://protobuf.dev/programming-guides/encoding).
struct ProtocolBuffer {
    enum Value {
        case integer(UInt64), bits64(UInt64), bits32(UInt32)
        case bytes(UnsafeRawBufferPointer)
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next field; nil at the end. Throws if the bytes end inside it, or its wire type is unknown.
    mutating func next() throws(ConversionError) -> (number: Int, value: Value)? {
        guard offset < bytes.count else { return nil }
        let tag = try varint()
        let number = Int(clamping: tag >> 3)
        switch tag & 7 {
        case 0: return (number, .integer(try varint()))
        case 1: return (number, .bits64(try fixed(UInt64.self)))
        case 2:
            let length = try varint()
            guard length <= UInt64(bytes.count - offset) else { throw damaged() }
            defer { offset += Int(length) }
            return (number, .bytes(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])))
        case 5: return (number, .bits32(try fixed(UInt32.self)))
        default: throw damaged()
        }
    }

    private mutating func varint() throws(ConversionError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard offset < bytes.count else { throw damaged() }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw damaged()
    }

    private mutating func fixed<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type
    ) throws(ConversionError) -> Number {
        let size = MemoryLayout<Number>.size
        guard bytes.count - offset >= size else { throw damaged() }
        defer { offset += size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }

    private func damaged() -> ConversionError {
        ConversionError(
            .malformed, "is no SentencePiece model", at: "offset \(offset)",
            advice: "The file is damaged, or a placeholder of Git LFS; get it again")
    }
}
