import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors
import Synchronization
import Testing

/// What goes wrong leaves nothing behind, and says where.
@Suite(.serialized) struct BadInputTests {
    @Test(arguments: [Float.nan, .infinity, -.infinity], [1, 3])
    func weightsMustBeFinite(_ weight: Float, threads: Int) throws {
        var model = try TinyModel()
        model.special["blk.1.attn_k.weight"] = [256 * 41 + 17: weight, 256 * 50: .nan]
        model.special["blk.1.attn_v.weight"] = [0: weight]
        let folder = try Folder()
        for type in [FileType.q4_K_M, .f16, .copy] {
            let plan = try QuantizationPlan(model, QuantizationOptions(type))
            let error = #expect(throws: QuantizerError.self) {
                try Quantizer(plan, of: model, resources: .init(threads: threads)).write(to: [folder.file("q.gguf")])
            }
            #expect(error?.code == .notFinite)
            #expect(error?.place == "tensor blk.1.attn_k.weight, row 41, column 17")
            #expect(folder.names.isEmpty)
        }
    }

    @Test(arguments: [FileType.f16, .q8_0, .q4_0, .q4_K_S, .q6_K, .tq2_0, .iq4_XS]) func weightsMustFitTheType(
        _ type: FileType
    ) throws {
        var model = try TinyModel()
        model.special["blk.0.attn_q.weight"] = [256 * 5 + 1: 1e20]
        let folder = try Folder()
        let error = #expect(throws: QuantizerError.self) {
            try Quantizer(QuantizationPlan(model, QuantizationOptions(type)), of: model).write(to: [
                folder.file("q.gguf")
            ])
        }
        #expect(error?.place?.hasPrefix("tensor blk.0.attn_q.weight, row 5") == true, "\(String(describing: error))")
        try Quantizer(QuantizationPlan(model, QuantizationOptions(.bf16)), of: model).write(to: [folder.file("b.gguf")])
    }

    @Test func quantizingTwiceMustBeAllowed() throws {
        let folder = try Folder()
        let model = try TinyModel()
        try Quantizer(QuantizationPlan(model, QuantizationOptions(.q8_0)), of: model).write(to: [folder.file("a.gguf")])
        let source = try GGUFFile(folder.file("a.gguf"))
        var options = QuantizationOptions(.q4_0)
        let error = #expect(throws: QuantizerError.self) { try QuantizationPlan(source, options) }
        #expect(error?.code == .requantize)
        options.allowsRequantizing = true
        #expect(throws: Never.self) { try QuantizationPlan(source, options) }
    }

    @Test func namedTypesMustFitRows() throws {
        var model = try TinyModel()
        model.tensors[0] = try GGUFTensor(name: "token_embd.weight", type: .f32, dimensions: [96, 64])
        var options = QuantizationOptions(.q4_K_M)
        options.embeddingType = .q6_K
        let error = #expect(throws: QuantizerError.self) { try QuantizationPlan(model, options) }
        #expect(error?.place == "tensor token_embd.weight")
        options.embeddingType = nil
        #expect(try QuantizationPlan(model, options).type(of: "token_embd.weight") == .q5_0)
    }

    @Test func outputMustNotBeInput() throws {
        let folder = try Folder()
        try TinyModel().write(to: folder.file("a.gguf"))
        let before = try Data(contentsOf: folder.file("a.gguf"))
        try FileManager.default.createSymbolicLink(
            at: folder.file("link.gguf"), withDestinationURL: folder.file("a.gguf"))
        try FileManager.default.linkItem(at: folder.file("a.gguf"), to: folder.file("hard.gguf"))
        let source = try GGUFFile(folder.file("a.gguf"))
        let plan = try QuantizationPlan(source, QuantizationOptions(.q8_0))
        for name in ["a.gguf", "link.gguf", "hard.gguf", "../\(folder.url.lastPathComponent)/a.gguf"] {
            let error = #expect(throws: QuantizerError.self) {
                try Quantizer(plan, of: source).write(to: [folder.file(name)])
            }
            #expect(error?.code == .sameFile)
        }
        #expect(try Data(contentsOf: folder.file("a.gguf")) == before)
        #expect(folder.names == ["a.gguf", "hard.gguf", "link.gguf"])
    }

    @Test(arguments: [0, 1, 5]) func interruption(after calls: Int) throws {
        let folder = try Folder()
        try Data("old".utf8).write(to: folder.file("q.gguf"))
        let model = try TinyModel()
        let plan = try QuantizationPlan(model, QuantizationOptions(.q4_K_M))
        let count = Mutex(0)
        #expect(throws: CancellationError.self) {
            try Quantizer(plan, of: model, resources: .init(threads: 2)).write(
                to: [folder.file("q.gguf")],
                isCancelled: {
                    count.withLock { count in
                        count += 1
                        return count > calls
                    }
                })
        }
        #expect(folder.names == ["q.gguf"])
        #expect(try Data(contentsOf: folder.file("q.gguf")) == Data("old".utf8))
    }

    @Test func cancelledTask() async throws {
        let folder = try Folder()
        let model = try TinyModel()
        let plan = try QuantizationPlan(model, QuantizationOptions(.q4_K_M))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await Quantizer(plan, of: model).write(to: [folder.file("q.gguf")])
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(folder.names.isEmpty)
    }

    /// A limit on file sizes fails like a full disk, without root.
    @Test func fullDisk() throws {
        let folder = try Folder()
        let model = try TinyModel()
        let plan = try QuantizationPlan(model, QuantizationOptions(.f16))
        var old = rlimit()
        getrlimit(__rlimit_resource_t(1), &old)
        let handler = signal(SIGXFSZ, SIG_IGN)
        defer {
            setrlimit(__rlimit_resource_t(1), &old)
            signal(SIGXFSZ, handler)
        }
        var small = rlimit(rlim_cur: 100_000, rlim_max: old.rlim_max)
        #expect(setrlimit(__rlimit_resource_t(1), &small) == 0)
        let error = #expect(throws: ModelFileError.self) {
            try Quantizer(plan, of: model).write(to: [folder.file("q.gguf")])
        }
        #expect(error?.code == .cannotWrite)
        #expect(folder.names.isEmpty)
    }

    @Test func modelsWithoutFactsAreRefused() throws {
        var model = try TinyModel()
        model.metadata["llama.block_count"] = nil
        let error = #expect(throws: ModelFileError.self) { try QuantizationPlan(model, QuantizationOptions(.q8_0)) }
        #expect(error?.description.contains("llama.block_count") == true)
        #expect(throws: Never.self) { try QuantizationPlan(model, QuantizationOptions(.copy)) }
    }
}
