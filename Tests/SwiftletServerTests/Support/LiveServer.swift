import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletServer

/// A server on a free port of this machine, with a library of its own, for one test.
struct LiveServer {
    let address: Server.Address
    let library: Library
    let client: HTTPClient

    /// Starts a server with the test model under `smol:latest`, and stops it after `body`. `prepare` sees its library first.
    static func run<Value>(
        _ options: ServerOptions = ServerOptions(), models: [String] = ["smol"],
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        prepare: (Library) throws -> Void = { _ in },
        _ body: (LiveServer) async throws -> Value
    ) async throws -> Value {
        let home = try TestLibrary(models: models)
        try prepare(home.library)
        var options = options
        options.port = 0
        if options.engine.threads > 2 { options.engine.threads = 2 }
        let (addresses, continuation) = AsyncStream<Server.Address>.makeStream()
        let server = Server(options, library: home.library, logger: logger) { continuation.yield($0) }
        let running = Task {
            defer { continuation.finish() }
            try await server.run()
        }
        let first = await addresses.first { _ in true }
        guard let address = first else {
            try await running.value
            throw CancellationError()
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        do {
            let value = try await body(LiveServer(address: address, library: home.library, client: client))
            try await client.shutdown()
            running.cancel()
            _ = try? await running.value
            return value
        } catch {
            try? await client.shutdown()
            running.cancel()
            throw error
        }
    }

    /// One request with an answer that is read to its end.
    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, headers: [(String, String)] = []
    ) async throws -> Answer {
        try await send(method, path, text: body?.text(), headers: headers)
    }

    func send(
        _ method: String, _ path: String, text: String?, headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address.description + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let text {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: text))
        }
        let response = try await client.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            text: String(buffer: bytes))
    }

    struct Answer {
        let status: Int
        let headers: [(String, String)]
        let text: String

        func header(_ name: String) -> String? {
            headers.first { $0.0.lowercased() == name.lowercased() }?.1
        }

        var json: JSONValue {
            get throws { try JSONValue(parsing: text) }
        }

        /// The records of a stream of JSON lines.
        var lines: [JSONValue] {
            get throws { try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) } }
        }

        /// The data of server-sent events.
        var events: [String] {
            text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
        }
    }
}

/// A library in a temporary folder that holds the test model under some names; gone with the value.
final class TestLibrary {
    let library: Library
    private let home = FileManager.default.temporaryDirectory.appending(path: "swiftlet-server-\(UUID().uuidString)")

    init(models: [String]) throws {
        var environment = LibraryEnvironment()
        environment.home = home
        library = try Library(environment)
        guard let model = TestModel.smollm2 else { return }
        for name in models {
            let stage = try library.makeStage()
            let file = stage.url.appending(path: model.lastPathComponent)
            try FileManager.default.copyItem(at: model, to: file)
            try library.adopt([file], as: ModelName(name), source: "test")
        }
    }

    deinit { try? FileManager.default.removeItem(at: home) }
}

/// `SWIFTLET_TEST_MODEL`: SmolLM2-135M-Instruct in Q4_1, as `make test` pulls it.
enum TestModel {
    static let smollm2: URL? = {
        guard let path = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MODEL"] else { return nil }
        return FileManager.default.fileExists(atPath: path) ? URL(filePath: path) : nil
    }()

    static var isThere: Bool { smollm2 != nil }
}
