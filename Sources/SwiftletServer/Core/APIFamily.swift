import Hummingbird
import SwiftletGround

/// How one family of APIs tells what went wrong; handlers throw, families shape.
protocol APIFamily: Sendable {
    /// The whole body of an answer that is an error.
    func body(of failure: RequestFailure) -> JSONValue
    /// What a stream that has begun ends with.
    func record(of failure: RequestFailure) -> StreamRecord
}

extension APIFamily {
    func record(of failure: RequestFailure) -> StreamRecord { .json(body(of: failure)) }

    /// The error as an answer of its own.
    func response(to error: any Error) -> Response {
        let failure = RequestFailure(error)
        var response = Response.json(body(of: failure), status: failure.status)
        if let seconds = failure.retryAfter { response.headers[.retryAfter] = String(seconds) }
        if let challenge = failure.challenge { response.headers[.wwwAuthenticate] = challenge }
        if let allowed = failure.allowed { response.headers[.allow] = allowed }
        return response
    }
}

extension Response {
    /// An answer of one JSON value.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: value.text())))
    }

    /// An answer of plain text.
    static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
