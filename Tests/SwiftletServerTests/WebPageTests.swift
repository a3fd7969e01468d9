import Foundation
import SwiftletServer
import Testing

/// The page's files over sockets; dev/web has the tests of what they do in a browser.
struct WebPageTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/SwiftletServer/Web")

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
    ]

    @Test func browsersGetThePageAndOthersTheWords() async throws {
        try await LiveServer.run(models: []) { server in
            let page = try await server.send(
                "GET", "/", headers: [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")])
            #expect(page.status == 200)
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            #expect(page.header("Vary") == "Accept")
            #expect(page.text.hasPrefix("<!doctype html>"))
            for accept in ["*/*", "application/json", ""] {
                let words = try await server.send("GET", "/", headers: [("Accept", accept)])
                #expect(words.text == "Ollama is running" && words.header("Vary") == "Accept", "\(accept)")
            }
            #expect(try await server.send("GET", "/").text == "Ollama is running")
            let head = try await server.send("HEAD", "/", headers: [("Accept", "text/html")])
            #expect(head.status == 200 && head.text.isEmpty)
        }
    }

    @Test func everyFileOfTheFolderIsServedAsItIs() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(names.count > 20)
        try await LiveServer.run(models: []) { server in
            for name in names {
                let answer = try await server.send("GET", "/ui/" + name)
                let file = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
                #expect(answer.status == 200 && answer.text == file, "\(name)")
                let type = name.split(separator: ".").last.flatMap { Self.types[String($0)] }
                #expect(answer.header("Content-Type") == type, "\(name)")
            }
        }
    }

    @Test(arguments: ["/", "/ui/app.js", "/ui/base.css", "/ui/icon.svg"])
    func headersForbidWhatThePageDoesNotNeed(path: String) async throws {
        try await LiveServer.run(models: []) { server in
            let answer = try await server.send("GET", path, headers: [("Accept", "text/html")])
            let policy = try #require(answer.header("Content-Security-Policy"))
            for part in [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                "img-src 'self' data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
            ] {
                #expect(policy.components(separatedBy: "; ").contains(part), "\(part)")
            }
            #expect(!policy.contains("unsafe"))
            #expect(answer.header("X-Content-Type-Options") == "nosniff")
            #expect(answer.header("Referrer-Policy") == "no-referrer")
        }
    }

    @Test(arguments: ["/", "/ui/app.js"])
    func whatTheBrowserHasIsNotSentAgain(path: String) async throws {
        try await LiveServer.run(models: []) { server in
            let html = ("Accept", "text/html")
            let tag = try #require(try await server.send("GET", path, headers: [html]).header("ETag"))
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.utf8.count == 34)
            for condition in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let again = try await server.send("GET", path, headers: [html, ("If-None-Match", condition)])
                #expect(again.status == 304 && again.text.isEmpty, "\(condition)")
                #expect(again.header("ETag") == tag && again.header("Content-Security-Policy") != nil)
            }
            let other = try await server.send("GET", path, headers: [html, ("If-None-Match", "\"other\"")])
            #expect(other.status == 200)
        }
    }

    #if os(Linux)
    /// Browsers tell where a page came from when it posts; a machine of the network has an address such as this one.
    @Test func itsOwnPageMayUseTheServerByItsAddress() async throws {
        var options = ServerOptions()
        options.host = "127.0.0.2"
        try await LiveServer.run(options, models: []) { server in
            let own = "127.0.0.2:\(server.address.port)"
            let cases = [
                (own, "http://\(own)", 404), (own, "https://\(own)", 404), (own, "http://127.0.0.2", 403),
                (own, "http://evil.example", 403), (own, "null", 403),
                ("evil.example", "http://evil.example", 403),
            ]
            for (host, origin, status) in cases {
                let answer = try await server.exchange(
                    "POST /api/show HTTP/1.1\r\nHost: \(host)\r\nOrigin: \(origin)\r\nConnection: close\r\n"
                        + "Content-Length: 16\r\n\r\n{\"model\":\"none\"}")
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(host) \(origin): \(answer.prefix(40))")
            }
        }
    }
    #endif

    @Test(arguments: [
        "/ui", "/ui/", "/ui/none.js", "/ui/../Package.swift", "/ui/..", "/ui/%2e%2e/api/version",
        "/ui/%2e%2e%2fREADME.md",
        "/ui/..%5capp.js", "/ui//app.js/x", "/ui/%00", "/ui/app.js%00.css", "/ui/App.js", "/ui/%ff",
        "/ui//etc/passwd", "/ui/%2fetc%2fpasswd",
    ])
    func unknownPathsAreNothing(path: String) async throws {
        try await LiveServer.run(models: []) { server in
            // A client's own URL type may tidy such paths up: these bytes go out as they are.
            let answer = try await server.exchange(
                "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 404 "), "\(answer.prefix(40))")
        }
    }
}
