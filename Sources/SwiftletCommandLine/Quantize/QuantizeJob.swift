import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletModelFiles
import SwiftletQuantizer

/// One quantization, from plan to report.
struct QuantizeJob: Sendable {
    let input: QuantizeInput
    let plan: QuantizationPlan
    let target: QuantizeTarget
    let keepsSplit: Bool
    let verifies: Bool
    let resources: QuantizationResources

    /// Writes the model where it goes, measures it if that was asked for, and only then gives it its name in the library.
    func run() async throws -> QuantizeReport {
        let start = ContinuousClock.now
        let quantizer = Quantizer(plan, of: input.source, resources: resources)
        var report = QuantizeReport(self)
        switch target {
        case .file(let url):
            let urls = quantizer.urls(for: url, keepsSplit: keepsSplit)
            report.accuracies = try await write(quantizer, urls)
            report.output = urls.map { $0.path(percentEncoded: false) }
        case .library(let name):
            guard name.tagged() != input.name else {
                throw CommandError(
                    .usage, "is the model that is read", at: "model \"\(name)\"",
                    advice: "Give the new model another name")
            }
            let library = try Library()
            let stage = try library.makeStage()
            let file = "\(name.family)-\(name.tag ?? ModelName.defaultTag).gguf"
            let urls = quantizer.urls(
                for: stage.url.appending(path: file, directoryHint: .notDirectory), keepsSplit: keepsSplit)
            report.accuracies = try await write(quantizer, urls)
            let manifest = try library.adopt(
                urls, as: name, source: "quantize:\(input.title)", license: input.manifest?.license)
            report.output = [manifest.name]
            withExtendedLifetime(stage) {}
        }
        report.seconds = (ContinuousClock.now - start) / .seconds(1)
        return report
    }

    private func write(_ quantizer: Quantizer, _ urls: [URL]) async throws -> [TensorAccuracy]? {
        let writing = ProgressLine(plan.fileType.name)
        try await quantizer.write(to: urls) { writing.show($0.bytes, of: $0.totalBytes) }
        writing.end()
        guard verifies else { return nil }
        let verifying = ProgressLine("verifying \(plan.fileType.name)")
        defer { verifying.end() }
        return try await quantizer.verify(urls) { verifying.show($0.bytes, of: $0.totalBytes) }
    }
}
