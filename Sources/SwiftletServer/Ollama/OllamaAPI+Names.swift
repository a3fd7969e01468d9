import Hummingbird
import SwiftletGround
import SwiftletLibrary

/// Names and files of the library.
extension OllamaAPI {
    /// POST /api/copy: a second name for a model.
    static func copy(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let source = try fields.required("source", fields.string("source"))
        let target = try fields.required("destination", fields.string("destination"))
        let model = try call.core.library.resolve(named: source)
        try call.core.library.copy(model.name, to: ModelName(target))
        return Response(status: .ok)
    }

    /// DELETE /api/delete: removes a name, and files that no other name needs.
    static func delete(_ call: Call) async throws -> Response {
        let name = try modelName(await call.fields())
        let model = try call.core.library.resolve(named: name)
        await call.core.host.unload(model.name)
        try call.core.library.remove(model.name)
        return Response(status: .ok)
    }

    /// HEAD /api/blobs/sha256:…: whether the library holds a file.
    static func hasBlob(_ call: Call) async throws -> Response {
        let digest = try BlobDigest(call.parameter("digest"))
        return Response(status: call.core.library.holdsBlob(digest.hexadecimal) ? .ok : .notFound)
    }

    /// POST /api/blobs/sha256:…: takes a file, for /api/create.
    static func addBlob(_ call: Call) async throws -> Response {
        let digest = try BlobDigest(call.parameter("digest"))
        let library = call.core.library
        guard !library.holdsBlob(digest.hexadecimal) else { return Response(status: .ok) }
        let length = call.request.headers[.contentLength].flatMap { Int($0) }
        let upload = try library.beginBlob(digest.hexadecimal, size: length)
        for try await part in try await call.body() { try upload.write(part.readableBytesView) }
        try upload.finish()
        return Response(status: .created)
    }
}

/// `sha256:` and 64 hexadecimal digits.
private struct BlobDigest {
    let hexadecimal: String

    init(_ text: String?) throws(RequestProblem) {
        // Ollama's clients write a dash, too.
        guard let text, text.hasPrefix("sha256:") || text.hasPrefix("sha256-"), text.utf8.count == 71,
            text.utf8.dropFirst(7).allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw RequestProblem(.other("is no digest; sha256: and 64 digits are"), at: FieldPath("digest")) }
        hexadecimal = String(text.dropFirst(7))
    }
}
