public import SwiftletGround

/// Where a vocabulary is described by keys, as in a GGUF file; so that tokenizers need not know files.
///
/// Each look-up is nil if the key is absent, and throws if it is of another type.
public protocol TokenizerMetadata {
    func string(_ key: String) throws(TokenizerError) -> String?
    func bool(_ key: String) throws(TokenizerError) -> Bool?
    func integer(_ key: String) throws(TokenizerError) -> Int?
    func integers(_ key: String) throws(TokenizerError) -> [Int]?
    /// Numbers that are integers in the file are converted.
    func floats(_ key: String) throws(TokenizerError) -> [Float]?
    /// An array of strings, which need not be UTF-8.
    func strings(_ key: String) throws(TokenizerError) -> ByteStrings?
}
