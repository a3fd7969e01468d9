import Foundation
import SwiftletTokenizers
import Testing

/// Every architecture against the reference engine's logits where attention, RoPE, experts and scales have weight.
@Suite(.enabled(if: Shared.isPresent)) struct ArchitectureVariantTests {
    @Test(arguments: try ArchitectureVariant.all())
    func matchesReference(variant: ArchitectureVariant) async throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: url) }
        try variant.write(to: url)
        let tokens = try TinyModel.tokens(of: variant.source)
        let logits = try await TinyModel.logits(
            of: tokens, in: url, slidingWindow: TinyModel.slidingWindow(of: variant.source))
        let expected = try variant.expected()
        let vocabulary = logits.count / tokens.count
        let kept = stride(from: 3, to: tokens.count, by: 4).flatMap { row in
            logits[row * vocabulary..<(row + 1) * vocabulary]
        }
        let error = try TinyModel.error(of: kept, from: expected)
        #expect(error < variant.limit, "normalized mean squared error \(error)")
    }
}
