import Foundation
import Hummingbird
import SwiftletGround
import SwiftletLibrary
import SwiftletModelFiles
import SwiftletQuantizer

extension OllamaAPI {
    /// POST /api/create: a model of another's files, or of files that were sent, with settings of its own.
    static func create(_ call: Call) async throws -> Response {
        let order = try CreateOrder(await call.fields())
        let library = call.core.library
        guard order.streams else {
            try await order.run(in: library) { _ in }
            return .json(["status": "success"])
        }
        return try await call.stream(.lines) { writer in
            try await order.run(in: library) { writer.send($0) }
            writer.send(["status": "success"])
        }
    }
}

/// What is to be created.
private struct CreateOrder: Sendable {
    let name: ModelName
    let streams: Bool
    private let base: Base
    private let type: FileType?
    private let settings: ModelSettings

    private enum Base: Sendable {
        /// A name of the library, or one to pull.
        case model(String)
        /// Names of files and the SHA-256 of their bytes.
        case blobs([(name: String, sha256: String)])
    }

    init(_ fields: Fields) throws {
        name = try ModelName(OllamaAPI.modelName(fields))
        streams = try fields.bool("stream") ?? true
        base = try Self.base(fields)
        let quantize = try fields.first(of: ["quantize", "quantization"], fields.string) ?? ""
        type = quantize.isEmpty ? nil : try Self.type(quantize, fields)
        settings = try ModelSettings(createFields: fields)
    }

    private static func type(_ name: String, _ fields: Fields) throws -> FileType {
        do throws(QuantizerError) {
            return try FileType(named: name)
        } catch {
            throw fields.problem("quantize", error.description)
        }
    }

    private static func base(_ fields: Fields) throws -> Base {
        if let from = try fields.string("from"), !from.isEmpty {
            guard !ModelSource.looksLikePath(from) else {
                throw fields.problem("from", "names a model; files of a client are sent to /api/blobs first")
            }
            return .model(from)
        }
        guard let files = try fields.fields("files"), !files.object.isEmpty else {
            throw RequestProblem(.other("either from or files is required"), at: FieldPath())
        }
        var blobs: [(name: String, sha256: String)] = []
        for member in files.object {
            let name = URL(filePath: member.key).lastPathComponent
            guard name.lowercased().hasSuffix(".gguf"), !name.hasPrefix(".") else {
                throw files.problem(
                    member.key, "only .gguf files can be taken; `swiftlet convert` makes one of a checkpoint")
            }
            let digest = try files.required(member.key, files.string(member.key))
            guard digest.hasPrefix("sha256:"), digest.utf8.count == 71 else {
                throw files.problem(member.key, "is no digest; sha256: and 64 digits are")
            }
            blobs.append((name, String(digest.dropFirst(7))))
        }
        return .blobs(blobs.sorted { $0.name < $1.name })
    }

    func run(in library: Library, report: @escaping @Sendable (JSONValue) -> Void) async throws {
        @Sendable func tell(_ status: String) { report(["status": .string(status)]) }
        tell("reading model metadata")
        var source: NamedModel?
        switch base {
        case .model(let text): source = try await Self.find(text, in: library, tell)
        case .blobs(let blobs): try library.adopt(blobs: blobs, as: name)
        }
        if let type {
            let input = try source ?? library.resolve(named: name.description)
            try await quantize(input, type, library, report)
            source = nil
        }
        tell("writing manifest")
        try library.create(name, from: source?.name ?? name, settings: settings)
    }

    /// The model of a name; pulled if it is not there.
    private static func find(
        _ text: String, in library: Library, _ tell: @escaping @Sendable (String) -> Void
    ) async throws -> NamedModel {
        do {
            return try library.resolve(named: text)
        } catch let error as ServerError {
            guard error.code == .noModel else { throw error }
            tell("pulling \(text)")
            let manifest = try await library.pull(text)
            return try library.resolve(named: manifest.name)
        }
    }

    private func quantize(
        _ input: NamedModel, _ type: FileType, _ library: Library, _ report: @escaping @Sendable (JSONValue) -> Void
    ) async throws {
        let file = try GGUFFile(input.url)
        let plan = try QuantizationPlan(file, QuantizationOptions(type))
        try plan.checkImportance()
        let stage = try library.makeStage()
        let url = stage.url.appending(path: "model.gguf", directoryHint: .notDirectory)
        let status = JSONValue.string("quantizing \(input.manifest.facts?.quantization ?? "") model to \(type.name)")
        let quantizer = Quantizer(plan, of: file)
        try await quantizer.write(to: [url]) { progress in
            report([
                "status": status, "digest": .string(type.name), "total": .integer(Int64(progress.totalBytes)),
                "completed": .integer(Int64(progress.bytes)),
            ])
        }
        let parent = input.manifest.settings
        try library.adopt([url], as: name, source: "quantize:\(input.name)", license: input.manifest.license)
        // What the model was given beside its files goes with it.
        if let parent { try library.create(name, from: name, settings: parent) }
        withExtendedLifetime(stage) {}
    }
}
