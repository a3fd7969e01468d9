import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SwiftletGround
import SwiftletLibrary
import SwiftletServer
import Testing

/// Who is let in, over sockets: each family's headers and errors, roles, and keys that come and go while the server runs.
@Suite struct KeyTests {
    private static let hello: JSONValue = [["role": "user", "content": "Say hello."]]

    /// Calls that look at models, run one that is not there, or delete one that is not there.
    private static let calls: [(deed: String, method: String, path: String, body: JSONValue?)] = [
        ("read", "GET", "/api/tags", nil), ("read", "GET", "/v1/models", nil),
        ("use", "POST", "/api/chat", ["model": "none", "messages": hello]),
        ("use", "POST", "/v1/chat/completions", ["model": "none", "messages": hello]),
        ("use", "POST", "/v1/messages", ["model": "none", "messages": hello, "max_tokens": 1]),
        ("use", "POST", "/completion", ["model": "none", "prompt": "a"]),
        ("admin", "DELETE", "/api/delete", ["model": "none"]),
    ]

    @Test func eachFamilyRefusesItsWay() async throws {
        try await LiveServer.run(models: [], prepare: { _ = try TestKeys.add("app", to: $0) }) { server in
            for headers in [
                [], TestKeys.bearer("sk-swl-0"), [("x-api-key", "sk-swl-0")], [("Authorization", "Basic YTpi")],
            ] {
                for call in Self.calls {
                    let answer = try await server.send(call.method, call.path, call.body, headers: headers)
                    #expect(answer.status == 401, "\(call.path)")
                    #expect(answer.header("WWW-Authenticate")?.hasPrefix("Bearer realm=") == true)
                    let error = try #require(try answer.json["error"])
                    switch call.path {
                    case "/api/chat", "/api/tags", "/api/delete": #expect(error.string?.contains("API key") == true)
                    case "/v1/messages":
                        #expect(error["type"] == "authentication_error")
                        #expect(try answer.json["type"] == "error")
                    case "/completion": #expect(error["type"] == "authentication_error" && error["code"] == 401)
                    default: #expect(error["code"] == "invalid_api_key" && error["type"] == "invalid_request_error")
                    }
                }
                for path in ["/", "/health", "/v1/health", "/api/version"] {
                    #expect(try await server.send("GET", path, headers: headers).status == 200)
                }
                #expect(try await server.send("GET", "/v1/nothing", headers: headers).status == 404)
            }
        }
    }

    @Test func rolesMayDoTheirs() async throws {
        try await LiveServer.run(models: []) { server in
            for role in KeyRole.allCases {
                let key = try TestKeys.add("\(role)", to: server.library) { $0.role = role }
                for headers in [TestKeys.bearer(key), [("X-Api-Key", key)], [("authorization", "bearer  \(key)")]] {
                    for call in Self.calls {
                        let isAllowed = call.deed == "read" || role == .admin || call.deed == "use" && role == .user
                        let answer = try await server.send(call.method, call.path, call.body, headers: headers)
                        #expect(
                            answer.status == (isAllowed ? call.deed == "read" ? 200 : 404 : 403), "\(role) \(call.path)"
                        )
                        guard !isAllowed else { continue }
                        let error = try #require(try answer.json["error"])
                        #expect("\(error)".contains(role.rawValue))
                        if call.path == "/v1/messages" { #expect(error["type"] == "permission_error") }
                        if call.path == "/v1/chat/completions" { #expect(error["code"] == "insufficient_permissions") }
                    }
                }
            }
        }
    }

    @Test func keysComeAndGo() async throws {
        try await LiveServer.run(models: []) { server in
            func status(_ headers: [(String, String)] = []) async throws -> Int {
                try await server.send("GET", "/api/tags", headers: headers).status
            }
            let file = KeyFile(home: server.library.home)
            #expect(try await status() == 200)
            let first = try TestKeys.add("first", to: server.library)
            #expect(try await status() == 401)
            #expect(try await status(TestKeys.bearer(first)) == 200)
            let second = try TestKeys.add("second", to: server.library) { $0.expires = $0.created + 5 }
            #expect(try await status(TestKeys.bearer(second)) == 200)
            try file.revoke("first")
            #expect(try await status(TestKeys.bearer(first)) == 401)
            try await Task.sleep(for: .seconds(5))
            let expired = try await server.send("GET", "/api/tags", headers: TestKeys.bearer(second))
            #expect(expired.status == 401 && expired.text.contains("expired"))
            // A server that was closed does not open.
            try file.revoke("second")
            #expect(try await status() == 401)
            try FileManager.default.removeItem(at: file.url)
            #expect(try await status() == 401)
        }
    }

    @Test func aBadFileLetsNobodyIn() async throws {
        try await LiveServer.run(models: []) { server in
            let key = try TestKeys.add("app", to: server.library)
            let file = KeyFile(home: server.library.home).url
            let good = try Data(contentsOf: file)
            #expect(try await server.send("GET", "/v1/models", headers: TestKeys.bearer(key)).status == 200)
            try Data("{".utf8).write(to: file)
            #expect(try await server.send("GET", "/v1/models", headers: TestKeys.bearer(key)).status == 503)
            #expect(try await server.send("GET", "/v1/models").status == 503)
            #expect(try await server.send("GET", "/health").status == 200)
            try good.write(to: file)
            #expect(try await server.send("GET", "/v1/models", headers: TestKeys.bearer(key)).status == 200)
            #expect(try await server.send("GET", "/v1/models").status == 401)
        }
        await #expect(throws: ServerError.self) {
            try await LiveServer.run(
                models: [],
                prepare: {
                    try FileManager.default.createDirectory(at: $0.home, withIntermediateDirectories: true)
                    try Data("{}".utf8).write(to: KeyFile(home: $0.home).url)
                }
            ) { _ in }
        }
    }

    @Test(arguments: ["0.0.0.0", "::"]) func otherMachinesNeedKeys(_ host: String) async throws {
        var options = ServerOptions()
        options.host = host
        let error = await #expect(throws: ServerError.self) { try await LiveServer.run(options, models: []) { _ in } }
        #expect(error?.code == .configuration)
        #expect(error?.advice?.contains("swiftlet key add") == true)
        #expect(error?.advice?.contains("--insecure") == true)
        func status(_ server: LiveServer) async throws -> Int {
            let url = "http://127.0.0.1:\(server.address.port)/api/tags"
            return Int(try await server.client.execute(HTTPClientRequest(url: url), timeout: .seconds(30)).status.code)
        }
        try await LiveServer.run(options, models: [], prepare: { _ = try TestKeys.add("app", to: $0) }) { server in
            let code = try await status(server)
            #expect(code == 401)
        }
        options.isInsecure = true
        try await LiveServer.run(options, models: []) { server in
            #expect(try await status(server) == 200)
            _ = try TestKeys.add("app", to: server.library)
            #expect(try await status(server) == 401)
        }
    }

    @Test func strangersNamesAreRefused() async throws {
        try await LiveServer.run(models: []) { server in
            let port = server.address.port
            let allowed = ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:\(port)", "[::1]:\(port)", "[::1]"]
            let refused = [
                "evil.example", "evil.example:\(port)", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1",
                "[::2]", "evil.example@localhost",
            ]
            for (hosts, status) in [(allowed, 200), (refused, 403)] {
                for host in hosts {
                    let answer = try await server.send("GET", "/api/tags", headers: [("Host", host)])
                    #expect(answer.status == status, "\(host)")
                    #expect(try await server.send("GET", "/health", headers: [("Host", host)]).status == 200)
                }
            }
            // Who has a key is no stranger.
            let key = try TestKeys.add("app", to: server.library)
            let headers = TestKeys.bearer(key) + [("Host", "models.example")]
            #expect(try await server.send("GET", "/api/tags", headers: headers).status == 200)
        }
    }

    @Test(.enabled(if: TestModel.isThere), arguments: ["/api/generate", "/v1/completions", "/v1/messages"])
    func revokedKeysStreamsEnd(_ path: String) async throws {
        try await LiveServer.run { server in
            let key = try TestKeys.add("app", to: server.library)
            let other = try TestKeys.add("other", to: server.library)
            // Counting goes on for far longer than the key is good for.
            let numbers: JSONValue = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,"
            let body: JSONValue = [
                "model": "smol", "prompt": numbers, "raw": true, "max_tokens": 3500, "stream": true, "temperature": 0,
                "options": ["num_predict": 3500, "temperature": 0],
                "messages": [
                    ["role": "user", "content": "Count to a million."], ["role": "assistant", "content": numbers],
                ],
            ]
            var request = HTTPClientRequest(url: server.address.description + path)
            request.method = .POST
            request.headers.add(name: "Authorization", value: "Bearer \(key)")
            request.body = .bytes(ByteBuffer(string: body.text()))
            let response = try await server.client.execute(request, timeout: .seconds(60))
            #expect(response.status == .ok)
            var text = ""
            var revoked: ContinuousClock.Instant?
            for try await part in response.body {
                text += String(buffer: part)
                if revoked == nil, text.utf8.count > 200 {
                    try KeyFile(home: server.library.home).revoke("app")
                    revoked = .now
                }
            }
            let elapsed = try #require(revoked).duration(to: .now)
            #expect(elapsed < .seconds(4), "\(elapsed)")
            let last = try #require(text.split(separator: "\n").last)
            #expect(last.contains("revoked"), "\(last)")
            // Others are not disturbed.
            let answer = try await server.send("GET", "/api/tags", headers: TestKeys.bearer(other))
            #expect(answer.status == 200)
        }
    }

    /// Neither logs at their most talkative nor answers hold a key, known or not.
    @Test func keysAreNowhere() async throws {
        let lines = LogLines()
        let wrong = "sk-swl-" + String(repeating: "5", count: 64)
        var keys = [wrong]
        var answers: [String] = []
        try await LiveServer.run(models: [], logger: lines.logger) { server in
            for role in KeyRole.allCases {
                keys.append(try TestKeys.add("\(role)", to: server.library) { $0.role = role })
            }
            for key in keys {
                for call in Self.calls {
                    for headers in [TestKeys.bearer(key), [("x-api-key", key)]] {
                        let answer = try await server.send(call.method, call.path, call.body, headers: headers)
                        answers.append("\(answer.headers) \(answer.text)")
                    }
                }
            }
            try KeyFile(home: server.library.home).revoke("user")
            _ = try await server.send("GET", "/api/tags", headers: TestKeys.bearer(keys[2]))
            try Data("{\(keys[1])".utf8).write(to: KeyFile(home: server.library.home).url)
            answers.append(try await server.send("GET", "/api/tags", headers: TestKeys.bearer(keys[1])).text)
        }
        let log = lines.all.map(\.description)
        #expect(log.contains { $0.contains("revoked") && $0.contains("user") })
        #expect(log.contains { $0.contains("admin") && $0.contains("/api/tags") })
        #expect(answers.count > 50)
        for key in keys {
            #expect(!log.contains { $0.contains(key.dropFirst(7)) })
            #expect(!answers.contains { $0.contains(key.dropFirst(7)) })
        }
    }
}
