import SwiftletGround
import SwiftletLibrary
import SwiftletServer
import Synchronization
import Testing

/// Web pages on a server with keys.
@Suite struct OriginTests {
    private static let friend = "https://friend.example"

    @Test func pagesMayReadWhyTheyAreRefused() async throws {
        var options = ServerOptions()
        options.origins = [Self.friend]
        let reader = Mutex("")
        try await LiveServer.run(
            options, models: [],
            prepare: { library in
                let key = try TestKeys.add("reader", to: library) { $0.role = .readOnly }
                reader.withLock { $0 = key }
            }
        ) { server in
            let page = [("Origin", Self.friend)]
            let key = TestKeys.bearer(reader.withLock { $0 })
            let refused: [(LiveServer.Answer, Int)] = [
                (try await server.send("GET", "/api/tags", headers: page), 401),
                (try await server.send("POST", "/api/pull", ["model": "x"], headers: page + key), 403),
                (try await server.send("POST", "/v1/chat/completions", ["model": "x"], headers: page + key), 403),
                (try await server.send("GET", "/api/nothing", headers: page), 404),
                (try await server.send("POST", "/api/show", text: "{", headers: page + key), 400),
            ]
            for (answer, status) in refused {
                #expect(answer.status == status)
                #expect(answer.header("Access-Control-Allow-Origin") == Self.friend)
                #expect(answer.header("Access-Control-Expose-Headers")?.contains("X-Request-Id") == true)
            }
            let stranger = try await server.send(
                "GET", "/api/tags", headers: [("Origin", "https://evil.example")] + key)
            #expect(stranger.status == 403)
            #expect(stranger.header("Access-Control-Allow-Origin") == nil)
        }
    }

    /// DNS rebinding makes a stranger's name mean this machine: it wins nothing where keys are needed.
    @Test(arguments: [true, false]) func theOwnPageMayHaveANameWhereKeysAreNeeded(_ hasKeys: Bool) async throws {
        var options = ServerOptions()
        (options.host, options.isInsecure) = ("0.0.0.0", true)
        let user = Mutex("")
        try await LiveServer.run(
            options, models: [],
            prepare: { library in
                guard hasKeys else { return }
                let key = try TestKeys.add("user", to: library)
                user.withLock { $0 = key }
            }
        ) { server in
            let key = hasKeys ? TestKeys.bearer(user.withLock { $0 }) : []
            func status(host: String, origin: String) async throws -> Int {
                try await server.send("GET", "/api/tags", headers: [("Host", host), ("Origin", origin)] + key).status
            }
            let name = "models.example:1234"
            let expected = [
                (name, "http://\(name)", hasKeys ? 200 : 403), (name, "https://\(name)", hasKeys ? 200 : 403),
                (name, "https://other.example:1234", 403), ("192.0.2.1:1234", "http://192.0.2.1:1234", 200),
            ]
            for (host, origin, code) in expected {
                let found = try await status(host: host, origin: origin)
                #expect(found == code, "\(host) \(origin)")
            }
        }
    }
}
