public import SwiftletGround
public import SwiftletModelFiles
public import SwiftletTokenizers

/// The keys of a GGUF file as a tokenizer's description.
public struct GGUFTokenizerMetadata: TokenizerMetadata {
    private let metadata: GGUFMetadata

    public init(_ metadata: GGUFMetadata) {
        self.metadata = metadata
    }

    public func string(_ key: String) throws(TokenizerError) -> String? {
        try translated { () throws(ModelFileError) in try metadata.string(ifPresent: key) }
    }

    public func bool(_ key: String) throws(TokenizerError) -> Bool? {
        try translated { () throws(ModelFileError) in try metadata.bool(ifPresent: key) }
    }

    public func integer(_ key: String) throws(TokenizerError) -> Int? {
        try translated { () throws(ModelFileError) in try metadata.integer(ifPresent: key) }
    }

    public func integers(_ key: String) throws(TokenizerError) -> [Int]? {
        try translated { () throws(ModelFileError) in try metadata.integers(ifPresent: key) }
    }

    public func floats(_ key: String) throws(TokenizerError) -> [Float]? {
        try translated { () throws(ModelFileError) -> [Float]? in
            guard let array = try metadata.array(ifPresent: key) else { return nil }
            if case .int32 = array.elementType { return try array.integers(as: Int.self).map(Float.init) }
            return try metadata.floats(ifPresent: key)
        }
    }

    public func strings(_ key: String) throws(TokenizerError) -> ByteStrings? {
        try translated { () throws(ModelFileError) -> ByteStrings? in
            guard let array = try metadata.array(ifPresent: key) else { return nil }
            var strings = ByteStrings()
            strings.reserve(strings: array.count, bytes: array.bytes.count)
            do throws(ModelFileError) {
                try array.forEachUnsafeString { _, bytes in strings.append(bytes) }
            } catch {
                throw error.within("key \(key)")
            }
            return strings
        }
    }

    private func translated<Value>(_ read: () throws(ModelFileError) -> Value) throws(TokenizerError) -> Value {
        do { return try read() } catch {
            throw TokenizerError(.malformed, error.problem, at: error.place, advice: error.advice, cause: error)
        }
    }
}

extension TokenizerLoader {
    /// The tokenizer that a GGUF file describes.
    public static func load(from file: GGUFFile) throws(TokenizerError) -> any Tokenizer {
        try load(from: GGUFTokenizerMetadata(file.metadata))
    }
}
