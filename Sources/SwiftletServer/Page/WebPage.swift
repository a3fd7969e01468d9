import HTTPTypes
import Hummingbird
import NIOCore
import SwiftletGround

/// The page that browsers get: files of the binary, nothing from the disk and nothing from elsewhere.
enum WebPage {
    /// GET /: the page for browsers; others find out by Ollama's words that a server is there.
    static func root(_ call: Call) async throws -> Response {
        var response =
            if call.request.headers[.accept]?.lowercased().contains("text/html") == true {
                try answer(call, "index.html")
            } else {
                try await OllamaAPI.root(call)
            }
        response.headers[.vary] = "Accept"
        return response
    }

    /// GET /ui/…: one of the page's files, found by its name in a table.
    static func file(_ call: Call) async throws -> Response { try answer(call, call.restOfPath) }

    private static func answer(_ call: Call, _ name: String) throws -> Response {
        guard let file = WebFile.all[name] else {
            throw ServerError(.notFound, "there is nothing at \(call.request.uri.path.prefix(80))")
        }
        var headers = Self.headers
        headers[.contentType] = file.type
        headers[.eTag] = file.entityTag
        if let condition = call.request.headers[.ifNoneMatch], file.matches(condition) {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }

    /// Nothing runs, is loaded or asked but what this server has; no other page may frame this one.
    private static let headers: HTTPFields = [
        .contentSecurityPolicy: """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
        require-trusted-types-for 'script'; trusted-types 'none'
        """,
        .xContentTypeOptions: "nosniff",
        HTTPField.Name("Referrer-Policy")!: "no-referrer",
        HTTPField.Name("Cross-Origin-Resource-Policy")!: "same-origin",
        // Asked again each time, sent again only after a change.
        .cacheControl: "no-cache",
    ]
}
