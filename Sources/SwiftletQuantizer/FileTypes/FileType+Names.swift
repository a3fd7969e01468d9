import Foundation
public import SwiftletGround
public import SwiftletTensors

extension FileType {
    private static let aliases: [String: FileType] = ["Q3_K": .q3_K_M, "Q4_K": .q4_K_M, "Q5_K": .q5_K_M]

    /// The file type of a name, alias (`Q4_K` means `Q4_K_M`) or id, as llama-quantize takes them; throws for others.
    public init(named text: String) throws(QuantizerError) {
        let name = text.uppercased()
        if let type = Self.allCases.first(where: { $0.name == name }) ?? Self.aliases[name] {
            self = type
        } else if let id = UInt32(text), let type = Self.allCases.first(where: { $0.id == id }) {
            self = type
        } else {
            throw QuantizerError(
                .option, "is no file type", at: "\"\(text.prefix(40))\"",
                advice: "File types are \(Self.allCases.map(\.name).joined(separator: ", "))")
        }
    }

    /// Whether a mix decides over the types of tensors: not so for plain numbers, which are all of one type.
    var isQuantized: Bool { mainType?.isQuantized == true }

    /// What the reference takes a file for that does not say its type (llama-model-loader.cpp): the mix whose main type most
    /// tensors have, marked as guessed.
    static func guessedID(mainType: ElementType) -> UInt32 {
        let guess: FileType? =
            switch mainType {
            case .q3_K: .q3_K_M
            case .q4_K: .q4_K_M
            case .q5_K: .q5_K_M
            case .q2_K: .q2_K
            case .iq2_XS: .iq2_XS
            case .iq2_S: .iq2_S
            case .iq3_S: .iq3_S
            case .mxfp4: nil
            default: allCases.first { $0.mainType == mainType }
            }
        let guessed: UInt32 = 1024
        return guessed | (mainType == .nvfp4 ? 39 : guess?.id ?? 0)
    }
}

extension ElementType {
    /// Blocks with scales, rather than plain numbers.
    public var isQuantized: Bool { blockSize > 1 }

    /// The type of a name, in any case: `q4_K`, `F16`; throws for what is none, or cannot be written.
    public init(encodableNamed text: String) throws(QuantizerError) {
        let name = text.uppercased()
        let encodable = Self.allCases.filter { FormatCatalog.encoder(of: $0) != nil }
        guard let type = encodable.first(where: { $0.name == name }) else {
            throw QuantizerError(
                .option, "is no type that tensors can get", at: "\"\(text.prefix(40))\"",
                advice: "Types are \(encodable.map(\.name).joined(separator: ", "))")
        }
        self = type
    }
}
