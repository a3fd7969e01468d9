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
        let type = plan.fileType.name
        try await ProgressLine.during(type) { line in
            try await quantizer.write(to: urls) { line.show($0.bytes, of: $0.totalBytes) }
        }
        guard verifies else { return nil }
        return try await ProgressLine.during("verifying \(type)") { line in
            try await quantizer.verify(urls) { line.show($0.bytes, of: $0.totalBytes) }
        }
    }
}
