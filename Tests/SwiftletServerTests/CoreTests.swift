import Foundation
import SwiftletGround
import SwiftletServer
import Testing

/// What every endpoint has: limits, errors in the family's shape, request ids, origins.
@Suite struct CoreTests {
    @Test func rootSaysThatItRuns() async throws {
        try await LiveServer.run(models: []) { server in
            let answer = try await server.send("GET", "/")
            #expect(answer.status == 200)
            #expect(answer.text == "Ollama is running")
            #expect(answer.header("X-Request-Id") != nil)
            #expect(try await server.send("HEAD", "/").status == 200)
            #expect(try await server.send("GET", "/api/version").json["version"]?.string != nil)
        }
    }

    @Test func whatIsNotThereHasAnErrorOfItsFamily() async throws {
        try await LiveServer.run(models: []) { server in
            let unknown = try await server.send("GET", "/api/nothing")
            #expect(unknown.status == 404)
            #expect(try unknown.json["error"]?.string?.contains("/api/nothing") == true)
            let method = try await server.send("DELETE", "/api/tags")
            #expect(method.status == 405)
            #expect(try method.json["error"]?.string?.contains("DELETE") == true)
            #expect(method.header("Allow") == "GET, HEAD")
            for (method, path, allowed) in [
                ("TRACE", "/api/chat", "POST"), ("QUERY", "/v1/models/a/b", "GET, HEAD"),
                ("PUT", "/ui/app.js", "GET, HEAD"),
                ("GET", "/api/blobs/x", "HEAD, POST"), ("POST", "/", "GET, HEAD"), ("OPTIONS", "/health", "GET, HEAD"),
            ] {
                let answer = try await server.send(method, path)
                #expect(answer.status == 405 && answer.header("Allow") == allowed, "\(method) \(path)")
            }
            #expect(try await server.send("QUERY", "/api/nothing").status == 404)
        }
    }

    /// A body would be taken for the next answer.
    @Test(arguments: ["/api/nothing", "/api/show", "/api/blobs/none", "/v1/models/none", "/health", "/ui/none"])
    func answersToHEADHaveNoBody(path: String) async throws {
        try await LiveServer.run(models: []) { server in
            let answers = try await server.exchange(
                "HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    + "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answers.components(separatedBy: "\r\n\r\nHTTP/1.1 200 OK\r\n").count == 2, "\(answers)")
        }
    }

    @Test func strangersPagesAreRefused() async throws {
        var options = ServerOptions()
        options.origins = ["https://friend.example", "https://*.team.example", "chrome-extension://*"]
        try await LiveServer.run(options, models: []) { server in
            let expected = [
                "https://evil.example": 403, "https://localhost.evil.example": 403, "null": 403,
                "http://localhost:3000": 200, "http://[::1]:3000": 200, "https://friend.example": 200,
                "https://a.team.example": 200, "https://team.example": 403, "https://a.team.example.evil": 403,
                "chrome-extension://abc": 200, "vscode-webview://abc": 200, "app://obsidian.md": 200,
                "https://evil.example/app://": 403,
            ]
            for (origin, status) in expected {
                let answer = try await server.send("GET", "/api/tags", headers: [("Origin", origin)])
                #expect(answer.status == status, "\(origin)")
            }
        }
    }
}
