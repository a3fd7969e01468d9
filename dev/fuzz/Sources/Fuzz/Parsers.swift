import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTemplates
import SwiftletTensors
import SwiftletTokenizers

/// What is fuzzed: each reads the bytes and uses what it got. Errors are what should happen; a trap, a read out of
/// bounds or a hang ends the run.
enum Parsers {
    static let table: [String: Callback] = [
        "json": { json(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "templates": { template(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "tokenizer": { tokenizer(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "vocabulary": { vocabulary(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "gguf": { gguf(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "safetensors": { safetensors(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "imatrix": { importance(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "sentencepiece": { sentencePiece(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "checkpoint": { checkpoint(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "quantized": { checkpoint(UnsafeRawBufferPointer(start: $0, count: $1)) },
        "adapter": { adapter(UnsafeRawBufferPointer(start: $0, count: $1)) },
    ]

    /// What is written is read back as the same value.
    private static func json(_ bytes: UnsafeRawBufferPointer) -> CInt {
        guard let value = try? JSONValue(parsing: bytes) else { return 0 }
        for style in [JSONStyle.compact, .pretty] {
            precondition((try? JSONValue(parsing: value.text(style))) == value, "JSON changes when written")
        }
        return 0
    }

    private static let variables: JSONObject = [
        "messages": [
            ["role": "system", "content": " S "], ["role": "user", "content": "Hi\n", "x": ["y": 2]],
            ["role": "assistant", "content": "<b>é"],
        ],
        "s": "Hello, wörld", "n": 3, "f": 2.5, "t": true, "nil": nil, "l": [3, 1, 2], "d": ["b": 1, "a": [1, "x"]],
        "big": 9_223_372_036_854_775_807, "now": "2026-01-02T03:04:05",
    ]

    private static func template(_ bytes: UnsafeRawBufferPointer) -> CInt {
        var limits = TemplateLimits()
        limits.steps = 20_000
        limits.madeBytes = 4 << 20
        limits.outputBytes = 1 << 20
        guard let template = try? ChatTemplate(source: String(decoding: bytes, as: UTF8.self)) else { return 0 }
        _ = template.variables
        _ = try? template.render(input: variables, limits: limits)
        return 0
    }

    private static func tokenizer(_ bytes: UnsafeRawBufferPointer) -> CInt {
        if let tokenizer = try? TokenizerLoader.load(json: bytes) { use(tokenizer) }
        return 0
    }

    private static func use(_ tokenizer: any Tokenizer) {
        let tokens = tokenizer.encode(
            "Hello  wörld\n<s>漢😀\u{301} 123'll\t", addSpecial: true, parseSpecial: true)
        _ = try? tokenizer.decode(tokens, special: true)
        for token in [0, 1, 7, Int.max, -1] {
            if let id = TokenID(exactly: token) { _ = try? tokenizer.bytes(of: id, special: true) }
        }
    }

    /// A GGUF file's vocabulary, its keys given as JSON.
    private static func vocabulary(_ bytes: UnsafeRawBufferPointer) -> CInt {
        guard let object = (try? JSONValue(parsing: bytes))?.object,
            let tokenizer = try? TokenizerLoader.load(from: VocabularyKeys(object: object))
        else { return 0 }
        use(tokenizer)
        return 0
    }

    private static func gguf(_ bytes: UnsafeRawBufferPointer) -> CInt {
        let buffer = AlignedBuffer(byteCount: bytes.count)
        buffer.bytes.copyMemory(from: bytes)
        guard
            let file = try? GGUFFile(
                bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer, name: "fuzz.gguf")
        else { return 0 }
        for index in file.tensors.indices where file.tensors[index].byteCount < 10_000 {
            _ = file.tensor(at: index).decoded()
        }
        for key in file.metadata.keys {
            _ = try? file.metadata.string(key)
            _ = try? file.metadata.strings(key)
            _ = try? file.metadata.floats(key)
            _ = try? file.metadata.bools(key)
        }
        return 0
    }

    private static func safetensors(_ bytes: UnsafeRawBufferPointer) -> CInt {
        let buffer = AlignedBuffer(byteCount: bytes.count)
        buffer.bytes.copyMemory(from: bytes)
        let file = try? SafetensorsFile(
            bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer, url: URL(fileURLWithPath: "fuzz.safetensors"))
        for tensor in file?.tensors ?? [] { _ = try? tensor.floats() }
        return 0
    }
}

/// Keys of a vocabulary without `tokenizer.ggml.` before them.
private struct VocabularyKeys: TokenizerMetadata {
    let object: JSONObject

    private func value(_ key: String) -> JSONValue? {
        object[String(key.split(separator: ".", maxSplits: 2).last ?? "")]
    }

    func string(_ key: String) throws(TokenizerError) -> String? { value(key)?.string }
    func bool(_ key: String) throws(TokenizerError) -> Bool? { value(key)?.bool }
    func integer(_ key: String) throws(TokenizerError) -> Int? { value(key)?.integer }
    func integers(_ key: String) throws(TokenizerError) -> [Int]? { value(key)?.array?.compactMap(\.integer) }
    func floats(_ key: String) throws(TokenizerError) -> [Float]? {
        value(key)?.array?.compactMap(\.number).map { Float($0) }
    }
    func strings(_ key: String) throws(TokenizerError) -> ByteStrings? {
        guard let values = value(key)?.array else { return nil }
        var strings = ByteStrings()
        for value in values { strings.append(Array((value.string ?? "").utf8)) }
        return strings
    }
}
