import Foundation
import NIOHTTP1
import SwiftletGround
import SwiftletLibrary
import Testing

/// Downloads from a real server that misbehaves in every way that a pull must survive or name.
@Suite struct DownloadTests {
    private let model = TinyModel.bytes()

    @Test func downloadsAndNames() async throws {
        try await TestServer.with({ [model] request, _ in TestServer.file(model, request) }) { server in
            try await withLibrary { library in
                let events = Events()
                let manifest = try await library.pull("\(server.url)/Tiny-Q8_0.gguf", report: events.add)
                #expect(manifest.name == "tiny:q8_0")
                #expect(try Data(contentsOf: library.resolve("tiny").url) == Data(model))
                #expect(library.files(in: "partial") == [])
                #expect(events.all.contains { if case .finished("tiny:q8_0", _) = $0 { true } else { false } })
                let attributes = try FileManager.default.attributesOfItem(atPath: library.resolve("tiny").url.path)
                #expect(attributes[.posixPermissions] as? Int == 0o444)
            }
        }
    }

    @Test func goesOnAfterALostConnection() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] request, number in
            var response = TestServer.file(model, request)
            if number < 4 { response.cutAfter = 90_000 }
            return response
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                let events = Events()
                try await library.pull("\(server.url)/m.gguf", report: events.add)
                #expect(try Data(contentsOf: library.resolve("m").url) == Data(model))
                #expect(server.requests.count > 2)
                #expect(server.requests.dropFirst().allSatisfy { $0.headers.first(name: "if-range") == "\"v1\"" })
                #expect(server.requests.last?.rangeStart ?? 0 > 0)
                #expect(events.all.contains { if case .retrying = $0 { true } else { false } })
            }
        }
    }

    @Test func keepsThePartForTheNextPull() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] request, number in
            var response = TestServer.file(model, request)
            if number == 1 { response.cutAfter = 200_000 } else if number <= 6 { response = .init(status: 503) }
            return response
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                let error = await #expect(throws: LibraryError.self) { try await library.pull("\(server.url)/m.gguf") }
                #expect(error?.code == .refused)
                #expect(library.names() == [])
                #expect(library.files(in: "blobs") == [])
                let kept = library.partialBytes
                #expect(kept > 0)
                let before = server.requests.count
                try await library.pull("\(server.url)/m.gguf")
                #expect(server.requests.dropFirst(before).contains { $0.rangeStart == kept })
                #expect(try Data(contentsOf: library.resolve("m").url) == Data(model))
            }
        }
    }

    @Test func startsOverWithoutRanges() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] _, number in
            .init(headers: [("ETag", "\"v1\"")], body: model, cutAfter: number == 1 ? 100_000 : nil)
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                try await library.pull("\(server.url)/m.gguf")
                #expect(try Data(contentsOf: library.resolve("m").url) == Data(model))
            }
        }
    }

    @Test func startsOverWhenTheFileChanged() async throws {
        let new = TinyModel.bytes(seed: 2)
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] request, number in
            var response = TestServer.file(number == 1 ? model : new, request, etag: number == 1 ? "\"v1\"" : "\"v2\"")
            if number == 1 { response.cutAfter = 100_000 }
            return response
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                try await library.pull("\(server.url)/m.gguf")
                #expect(try Data(contentsOf: library.resolve("m").url) == Data(new))
            }
        }
    }

    @Test func namesAServerThatPromisesTooMuch() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] request, _ in
            guard request.rangeStart == nil else { return .init(status: 416) }
            return .init(body: model, length: model.count + 1000, cutAfter: model.count)
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                let error = await #expect(throws: LibraryError.self) { try await library.pull("\(server.url)/m.gguf") }
                #expect(error?.code == .network)
                #expect(library.names() == [])
            }
        }
    }

    @Test func namesAServerThatPromisesTooLittle() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] _, _ in
            .init(body: model, length: model.count - 1000)
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                await #expect(throws: LibraryError.self) { try await library.pull("\(server.url)/m.gguf") }
                #expect(library.names() == [])
                #expect(library.files(in: "blobs") == [])
            }
        }
    }

    @Test func refusesWhatTheDiskCannotHold() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] _, _ in
            .init(body: model, length: 1 << 60, cutAfter: 1000)
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                let error = await #expect(throws: LibraryError.self) { try await library.pull("\(server.url)/m.gguf") }
                #expect(error?.code == .diskFull)
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test(arguments: [
        (401, LibraryError.Code.refused), (403, .refused), (404, .notFound), (410, .notFound), (418, .refused),
        (429, .refused), (500, .refused), (503, .refused), (302, .refused),
    ])
    func namesWhatTheServerRefuses(status: Int, code: LibraryError.Code) async throws {
        try await TestServer.with({ _, _ in .init(status: status) }) { server in
            try await withLibrary { library in
                let error = await #expect(throws: LibraryError.self) { try await library.pull("\(server.url)/m.gguf") }
                #expect(error?.code == code)
                #expect(error?.problem.contains("\(status)") == true)
                #expect(server.requests.count == ([429, 500, 503].contains(status) ? 5 : 1))
            }
        }
    }

    @Test func removesAWebPageInPlaceOfAModel() async throws {
        try await TestServer.with({ _, _ in .init(body: Array("<html>Log in</html>".utf8)) }) { server in
            try await withLibrary { library in
                for path in ["m.gguf", "page", ""] {
                    let error = await #expect(throws: LibraryError.self) {
                        try await library.pull("\(server.url)/\(path)")
                    }
                    #expect(error?.code == .notAModel)
                }
                #expect(library.names() == [])
                #expect(library.partialBytes == 0)
                #expect(library.files(in: "blobs") == [])
            }
        }
    }

    @Test func asksAgainWhenTheServerGoesSilent() async throws {
        let never = TestServer.Gate()
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] _, number in
            .init(body: model, gate: number == 1 ? never : nil)
        }
        try await TestServer.with(answer) { server in
            try await withLibrary(readTimeout: .milliseconds(500)) { library in
                try await library.pull("\(server.url)/m.gguf")
                #expect(server.requests.count >= 2)
            }
        }
    }

    @Test func saysAtOnceThatAHostIsNotThere() async throws {
        try await withLibrary { library in
            let clock = ContinuousClock()
            let time = await clock.measure {
                let error = await #expect(throws: LibraryError.self) {
                    try await library.pull("https://no-such-host.invalid/m.gguf")
                }
                #expect(error?.code == .network)
            }
            #expect(time < .seconds(30))
            let closed = await #expect(throws: LibraryError.self) {
                try await library.pull("http://127.0.0.1:9/m.gguf")
            }
            #expect(closed?.code == .network)
        }
    }

    @Test func twoPullsAtOnceDownloadOnce() async throws {
        let gate = TestServer.Gate()
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] request, _ in
            var response = TestServer.file(model, request)
            response.gate = gate
            return response
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                // Whoever comes second waits, and only then may the first one finish.
                let report: @Sendable (PullEvent) -> Void = { if case .waiting = $0 { gate.open() } }
                async let one = library.pull("\(server.url)/m.gguf", report: report)
                async let two = library.pull("\(server.url)/m.gguf", report: report)
                let names = try await [one.name, two.name]
                #expect(names == ["m:latest", "m:latest"])
                #expect(server.requests.count == 1)
                #expect(try Data(contentsOf: library.resolve("m").url) == Data(model))
            }
        }
    }

    @Test func cancellationKeepsThePart() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { [model] request, number in
            // The rest of the first answer never comes.
            number == 1
                ? .init(headers: [("ETag", "\"v1\"")], body: Array(model.prefix(100_000)), length: model.count)
                : TestServer.file(model, request)
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                let task = Task { try await library.pull("\(server.url)/m.gguf") }
                while library.partialBytes < 100_000 { try await Task.sleep(for: .milliseconds(10)) }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(library.partialBytes == 100_000)
                try await library.pull("\(server.url)/m.gguf")
                #expect(server.requests.last?.rangeStart == 100_000)
                #expect(try Data(contentsOf: library.resolve("m").url) == Data(model))
            }
        }
    }

    @Test func doesNotFollowRedirectsOutOfEncryption() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { _, _ in
            .init(status: 302, headers: [("Location", "http://example.com/m.gguf")])
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                let error = await #expect(throws: LibraryError.self) { try await library.pull("\(server.url)/m.gguf") }
                #expect(error?.code == .source)
            }
        }
    }

    @Test func endsRedirectsInACircle() async throws {
        let answer: @Sendable (TestServer.Request, Int) -> TestServer.Response = { _, _ in
            .init(status: 302, headers: [("Location", "/m.gguf")])
        }
        try await TestServer.with(answer) { server in
            try await withLibrary { library in
                let error = await #expect(throws: LibraryError.self) { try await library.pull("\(server.url)/m.gguf") }
                #expect(error?.code == .refused)
                #expect(server.requests.count == 11)
            }
        }
    }
}
