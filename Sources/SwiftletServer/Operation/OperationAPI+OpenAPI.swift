import HTTPTypes
import Hummingbird
import NIOCore

/// What the server answers, told by itself.
extension OperationAPI {
    /// GET /openapi.yaml: the description as it is written.
    static func openAPIYAML(_ call: Call) async throws -> Response {
        description(OpenAPIDocument.yaml, type: "application/yaml")
    }

    /// GET /openapi.json: the same for programs that read no YAML.
    static func openAPIJSON(_ call: Call) async throws -> Response {
        description(try OpenAPIDocument.jsonText.get(), type: "application/json; charset=utf-8")
    }

    private static func description(_ text: String, type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
