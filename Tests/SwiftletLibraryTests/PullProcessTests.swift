import Foundation
import SwiftletLibrary
import Testing

/// The command `swiftlet` as users and scripts meet it: killed, interrupted, limited, misused.
@Suite(.enabled(if: SwiftletProcess.isBuilt, "needs the built command")) struct PullProcessTests {
    private let model = TinyModel.bytes(4_000_000)

    /// A server that sends the first answer's bytes up to `stop` and then nothing more.
    private func withStallingServer(_ body: (TestServer) async throws -> Void) async throws {
        let model = model
        try await TestServer.with(
            { request, number in
                number == 1
                    ? .init(headers: [("ETag", "\"v1\"")], body: Array(model.prefix(1_000_000)), length: model.count)
                    : TestServer.file(model, request)
            }, body)
    }

    @Test func goesOnAfterKill9() async throws {
        try await withStallingServer { server in
            try await withLibrary { library in
                let process = try SwiftletProcess(["pull", "\(server.url)/m.gguf"], library)
                try await process.wait { library.partialBytes == 1_000_000 }
                process.signal(SIGKILL)
                #expect(await process.end().status != 0)
                #expect(library.names() == [])
                let second = try SwiftletProcess(["pull", "\(server.url)/m.gguf"], library)
                let end = await second.end()
                #expect(end.status == 0, "\(end.errors)")
                #expect(server.requests.last?.rangeStart == 1_000_000)
                #expect(try Data(contentsOf: library.resolve("m").url) == Data(model))
            }
        }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func saysThatAnInterruptedPullCanGoOn(signal: Int32) async throws {
        try await withStallingServer { server in
            try await withLibrary { library in
                let process = try SwiftletProcess(["pull", "\(server.url)/m.gguf"], library)
                try await process.wait { library.partialBytes == 1_000_000 }
                process.signal(signal)
                let end = await process.end()
                #expect(end.status == 130)
                #expect(end.errors.contains("what arrived is kept"))
                #expect(library.partialBytes == 1_000_000)
            }
        }
    }

    @Test func reportsAFullDisk() async throws {
        try await TestServer.with({ [model] request, _ in TestServer.file(model, request) }) { server in
            try await withLibrary { library in
                // A limit on file sizes (blocks of 512 or 1024 bytes) fails like a full disk, without root.
                let process = try SwiftletProcess(["pull", "\(server.url)/m.gguf"], library, limit: 1000)
                let end = await process.end()
                #expect(end.status == 1)
                #expect(end.errors.contains("swiftlet: error: "))
                #expect(end.errors.contains("Free some space"))
                #expect(library.names() == [])
                #expect(library.files(in: "blobs") == [])
                #expect(library.partialBytes > 0)
                let again = try SwiftletProcess(["pull", "\(server.url)/m.gguf"], library)
                #expect(await again.end().status == 0)
                #expect(server.requests.last?.rangeStart ?? 0 > 0)
                #expect(try Data(contentsOf: library.resolve("m").url) == Data(model))
            }
        }
    }

    @Test func aLocalCopyThatDoesNotFitLeavesNothing() async throws {
        try await withLibrary { library in
            let file = library.home.deletingLastPathComponent().appending(path: "m.gguf")
            try Data(model).write(to: file)
            let end = await (try SwiftletProcess(["pull", file.path], library, limit: 1000)).end()
            #expect(end.status == 1)
            #expect(end.errors.contains("swiftlet: error: "))
            #expect(end.errors.contains("Free some space"))
            for folder in ["blobs", "manifests", "partial"] { #expect(library.files(in: folder) == []) }
        }
    }

    @Test func processesAtOnceDownloadOnce() async throws {
        let gate = TestServer.Gate()
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] request, _ in
            var response = TestServer.file(model, request)
            response.gate = gate
            return response
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                let processes = try (0..<3).map { _ in try SwiftletProcess(["pull", "\(server.url)/m.gguf"], library) }
                try await processes[0].wait {
                    processes.count { $0.errorsSoFar.contains("waiting for another swiftlet") } == 2
                }
                gate.open()
                for process in processes { #expect(await process.end().status == 0) }
                #expect(server.requests.count == 1)
                #expect(library.files(in: "partial") == [])
            }
        }
    }

    @Test func keepsItsExitStatuses() async throws {
        try await withLibrary { library in
            for (arguments, status, text) in [
                (["pull"], 2, "swiftlet: error: Missing expected argument"), (["nonsense"], 2, "swiftlet: error: "),
                (["list", "--nonsense"], 2, "swiftlet: error: Unknown option"),
                (["show", "absent"], 1, "swiftlet: error: model \"absent\""),
                (["rm", "a b"], 1, "swiftlet: error: model name"), (["pull", "no-such-model"], 1, "catalogue"),
                (["--help"], 0, ""), (["--version"], 0, ""), (["version"], 0, ""), (["list"], 0, ""),
                (["list", "--available"], 0, ""), (["completions", "zsh"], 0, ""), (["completions", "csh"], 2, "csh"),
            ] {
                let end = await (try SwiftletProcess(arguments, library)).end()
                #expect(end.status == Int32(status), "\(arguments): \(end.errors)")
                #expect(text.isEmpty || end.errors.contains(text), "\(arguments): \(end.errors)")
            }
        }
    }

    @Test func speaksJSON() async throws {
        try await TestServer.with({ [model] request, _ in TestServer.file(model, request) }) { server in
            try await withLibrary { library in
                let pulled = await (try SwiftletProcess(["pull", "\(server.url)/m.gguf", "--json"], library)).end()
                let events = pulled.output.split(separator: "\n").map { line in
                    (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["event"] as? String
                }
                #expect(events.first == "trying")
                #expect(events.last == "finished")
                #expect(!events.contains(nil))
                let listed = await (try SwiftletProcess(["list", "--json"], library)).end()
                let models = try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]]
                #expect(models?.first?["name"] as? String == "m:latest")
                let shown = await (try SwiftletProcess(["show", "m", "--json"], library)).end()
                let model = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
                #expect(model?["architecture"] as? String == "llama")
                #expect((model?["memory"] as? [String: Any])?["verdict"] as? String == "fits")
            }
        }
    }
}
