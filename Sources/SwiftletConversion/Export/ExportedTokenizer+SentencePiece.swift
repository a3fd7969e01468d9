import SwiftletGround
import SwiftletModelFiles

extension ExportedTokenizer {
    /// The `tokenizer.model` of a SentencePiece vocabulary (sentencepiece_model.proto).
    func sentencePiece() -> [UInt8] {
        var model: [UInt8] = []
        for (id, text) in texts.enumerated() {
            var piece: [UInt8] = []
            piece.appendField(1, bytes: Array(text.utf8))
            piece.appendField(2, float: scores.isEmpty ? 0 : scores[id])
            // Normal is what a piece is without a type.
            if kind(id) != .normal { piece.appendField(3, integer: UInt64(kind(id).rawValue)) }
            model.appendField(1, bytes: piece)
        }
        var trainer: [UInt8] = []
        trainer.appendField(3, integer: 2)
        trainer.appendField(4, integer: UInt64(texts.count))
        trainer.appendField(35, integer: kinds.contains(.byte) ? 1 : 0)
        for (field, role, usual) in [(40, "unknown", 0), (41, "bos", 1), (42, "eos", 2), (43, "padding", -1)] {
            trainer.appendField(field, integer: UInt64(bitPattern: Int64(id(role) ?? usual)))
        }
        model.appendField(2, bytes: trainer)
        var normalizer: [UInt8] = []
        normalizer.appendField(1, bytes: Array("identity".utf8))
        var addsSpace = true
        if case .bool(let flag)? = metadata["tokenizer.ggml.add_space_prefix"] { addsSpace = flag }
        normalizer.appendField(3, integer: addsSpace ? 1 : 0)
        normalizer.appendField(4, integer: 0)
        normalizer.appendField(5, integer: 1)
        model.appendField(3, bytes: normalizer)
        return model
    }

    /// The tokens that were added to the model's, for `added_tokens_decoder`: they have the score of added tokens.
    func addedPieces() -> JSONObject {
        var added = JSONObject()
        for (id, text) in texts.enumerated() where !scores.isEmpty && scores[id] == -1000 {
            guard kind(id) == .control || kind(id) == .userDefined else { continue }
            added[String(id)] = [
                "content": .string(text), "lstrip": false, "normalized": false, "rstrip": false, "single_word": false,
                "special": .bool(kind(id) == .control),
            ]
        }
        return added
    }
}

// Fields of a protocol buffer message.
extension [UInt8] {
    fileprivate mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    fileprivate mutating func appendField(_ number: Int, integer: UInt64) {
        appendVarint(UInt64(number) << 3)
        appendVarint(integer)
    }

    fileprivate mutating func appendField(_ number: Int, float: Float) {
        appendVarint(UInt64(number) << 3 | 5)
        Swift.withUnsafeBytes(of: float.bitPattern.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func appendField(_ number: Int, bytes: [UInt8]) {
        appendVarint(UInt64(number) << 3 | 2)
        appendVarint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
