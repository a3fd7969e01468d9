import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import SwiftletGround
import SwiftletServer
import Synchronization
import Testing

/// TLS with real clients: certificates of Tests/Fixtures/tls, which make-certificates there made.
@Suite struct TLSTests {
    /// A server's files in a folder of their own, which tests may change.
    private final class Files {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-tls-\(UUID().uuidString)")

        init(certificate: String = "server", key: String = "server") throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try put(certificate: certificate, key: key)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        var certificate: URL { folder.appending(path: "tls.crt") }
        var key: URL { folder.appending(path: "tls.key") }

        func put(certificate: String, key: String) throws {
            try write(Data(contentsOf: Self.fixture(certificate + ".pem")), to: self.certificate)
            try write(Data(contentsOf: Self.fixture(key + ".key")), to: self.key)
        }

        func write(_ bytes: Data, to url: URL) throws {
            try bytes.write(to: url, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
        }

        var options: ServerOptions {
            var options = ServerOptions()
            (options.tls.certificate, options.tls.key) = (certificate, key)
            return options
        }

        static func fixture(_ name: String) -> URL {
            URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/tls/\(name)")
                .standardizedFileURL
        }
    }

    /// A client that trusts one authority alone.
    private static func client(
        trusting authority: String = "ca", as identity: String? = nil,
        _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) throws -> HTTPClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(Files.fixture(authority + ".pem").path))
        if let identity {
            let chain = try NIOSSLCertificate.fromPEMFile(Files.fixture(identity + ".pem").path)
            tls.certificateChain = chain.map { .certificate($0) }
            let key = Files.fixture(identity + ".key")
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(Data(contentsOf: key)), format: .pem))
        }
        change(&tls)
        return HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: HTTPClient.Configuration(tlsConfiguration: tls))
    }

    /// The status of a request over a connection of its own; nil if there is none to be had.
    private static func status(
        _ server: LiveServer, trusting authority: String = "ca", as identity: String? = nil,
        _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) async throws -> Int? {
        let client = try client(trusting: authority, as: identity, change)
        let answer = try? await client.execute(
            HTTPClientRequest(url: server.address.description + "/api/version"), timeout: .seconds(10))
        let status = answer.map { Int($0.status.code) }
        _ = try? await answer?.body.collect(upTo: 1 << 20)
        try await client.shutdown()
        return status
    }

    private static func expect(
        _ expected: Int?, _ server: LiveServer, trusting authority: String = "ca", as identity: String? = nil,
        _ change: (inout TLSConfiguration) -> Void = { _ in }, at location: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await status(server, trusting: authority, as: identity, change)
        #expect(found == expected, sourceLocation: location)
    }

    @Test func onlyTLSIsSpoken() async throws {
        let files = try Files()
        try await LiveServer.run(files.options, models: []) { server in
            #expect(server.address.description == "https://127.0.0.1:\(server.address.port)")
            try await Self.expect(200, server)
            try await Self.expect(200, server) { $0.minimumTLSVersion = .tlsv13 }
            try await Self.expect(200, server) { $0.maximumTLSVersion = .tlsv12 }
            try await Self.expect(nil, server) { $0.maximumTLSVersion = .tlsv11 }
            try await Self.expect(nil, server, trusting: "next")
            let plain = "http://127.0.0.1:\(server.address.port)/api/version"
            let client = HTTPClient(eventLoopGroupProvider: .singleton)
            let answer = try? await client.execute(HTTPClientRequest(url: plain), timeout: .seconds(10))
            #expect(answer == nil)
            try await client.shutdown()
        }
    }

    @Test func aNewCertificateIsTakenWithoutADroppedRequest() async throws {
        let files = try Files()
        try await LiveServer.run(files.options, models: []) { server in
            let url = server.address.description + "/api/version"
            let open = try Self.client()
            let (failures, requests) = (Count(), Count())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !Task.isCancelled {
                            do {
                                let answer = try await open.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
                                _ = try await answer.body.collect(upTo: 1 << 20)
                                requests.add()
                            } catch  where Task.isCancelled {
                                return
                            } catch {
                                failures.add()
                            }
                        }
                    }
                }
                try await Task.sleep(for: .milliseconds(200))
                try files.put(certificate: "next", key: "next")
                let isNew = try await soon { try await Self.status(server, trusting: "next") == 200 }
                #expect(isNew)
                // Who connects anew sees the new one alone; who is connected goes on.
                try await Self.expect(nil, server)
                let before = requests.value
                try await Task.sleep(for: .milliseconds(200))
                #expect(requests.value > before)
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(failures.value == 0)
            try await open.shutdown()
        }
    }

    @Test func badNewFilesLeaveTheOldOnes() async throws {
        let files = try Files()
        let log = LogLines()
        try await LiveServer.run(files.options, models: [], logger: log.logger) { server in
            func staysAndSays(_ words: String) async throws {
                let isSaid = try await soon { log.text.contains(words) }
                #expect(isSaid, "\(words)")
                try await Self.expect(200, server)
            }
            try files.write(Data("nothing".utf8), to: files.certificate)
            try await staysAndSays("holds no certificates")
            try files.put(certificate: "expired", key: "server")
            try await staysAndSays("the certificate ended at 2021")
            try files.put(certificate: "server", key: "next")
            try await staysAndSays("is not that of the certificate")
            try FileManager.default.removeItem(at: files.key)
            try await staysAndSays("there is no such file")
            try files.put(certificate: "next", key: "next")
            let isNew = try await soon { try await Self.status(server, trusting: "next") == 200 }
            #expect(isNew)
        }
    }

    @Test func clientsShowWhoTheyAre() async throws {
        let files = try Files()
        var options = files.options
        options.tls.clientAuthority = Files.fixture("ca.pem")
        try await LiveServer.run(options, models: []) { server in
            try await Self.expect(200, server, as: "client")
            try await Self.expect(nil, server)
            try await Self.expect(nil, server, as: "next")
        }
    }

    @Test func wrongFilesAreToldAtTheStart() async throws {
        func problem(_ files: Files, _ change: (inout ServerOptions) throws -> Void = { _ in }) async throws
            -> ServerError?
        {
            var options = files.options
            try change(&options)
            return await #expect(throws: ServerError.self) { try await LiveServer.run(options, models: []) { _ in } }
        }
        let missing = try await problem(Files()) { $0.tls.key = URL(filePath: "/nowhere/tls.key") }
        #expect(missing?.problem == "there is no such file" && missing?.place == "/nowhere/tls.key")
        let alone = try await problem(Files()) { $0.tls.key = nil }?.problem
        #expect(alone == "TLS needs a certificate and its key")
        let other = try await problem(Files(certificate: "server", key: "next"))
        #expect(other?.problem.hasPrefix("the private key is not that of the certificate") == true)
        let expired = try await problem(Files(certificate: "expired", key: "server"))
        #expect(expired?.problem.hasPrefix("the certificate ended at 2021-01-01") == true)
        let empty = Files.fixture("make-certificates")
        let noPEM = try await problem(Files()) { $0.tls.certificate = empty }
        #expect(noPEM?.problem.hasPrefix("holds no certificates") == true)
        let open = try Files()
        try FileManager.default.setAttributes([.posixPermissions: 0o620], ofItemAtPath: open.key.path)
        let writable = try await problem(open)?.problem
        #expect(writable == "others may write the private key")
    }
}

/// Whether a condition comes true within ten seconds.
private func soon(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<100 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(100))
    }
    return false
}

/// A number that tasks count up together.
private final class Count: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
