import Hummingbird
import NIOCore
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary

/// Any error as HTTP tells it; each API family gives it its own shape.
struct RequestFailure: Error {
    var status: HTTPResponse.Status
    /// For people: never holds prompt text.
    var message: String
    /// The request's field that is at fault.
    var field: String?
    /// When to try again, in seconds.
    var retryAfter: Int?

    init(_ status: HTTPResponse.Status, _ message: String, field: String? = nil, retryAfter: Int? = nil) {
        (self.status, self.message, self.field, self.retryAfter) = (status, message, field, retryAfter)
    }

    init(_ error: any Error) {
        switch error {
        case let failure as Self: self = failure
        case let error as ServerError: self.init(error)
        case let error as LibraryError: self.init(error)
        case let error as EngineError: self.init(error)
        case let error as JSONError:
            self.init(.badRequest, "invalid JSON: \(error.problem)" + (error.place.map { " at \($0)" } ?? ""))
        case let error as any FailureText: self.init(.badRequest, error.description)
        case is NIOTooManyBytesError: self.init(.contentTooLarge, "the request's body is too large")
        case is CancellationError: self.init(Self.clientClosed, "the request was cancelled")
        case let error as HTTPError: self.init(error.status, error.body ?? error.status.reasonPhrase)
        default: self.init(.internalServerError, "internal error: \(type(of: error))")
        }
    }

    /// Nginx's code for a client that went away; nobody sees it but the log.
    static let clientClosed = HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")

    private init(_ error: ServerError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .notFound: .notFound
            case .method: .methodNotAllowed
            case .tooLarge: .contentTooLarge
            case .forbidden: .forbidden
            case .unsupported: .notImplemented
            case .busy: .serviceUnavailable
            case .memory, .configuration: .internalServerError
            default: .badRequest
            }
        self.init(status, error.message, field: error.place, retryAfter: error.code == .busy ? 5 : nil)
    }

    private init(_ error: LibraryError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .notFound, .missingBlob: .notFound
            case .name, .source, .ambiguous, .notAModel, .checksum: .badRequest
            case .network, .refused: .badGateway
            case .diskFull: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
            default: .internalServerError
            }
        self.init(status, error.description, field: error.code == .name ? "model" : nil)
    }

    private init(_ error: EngineError) {
        switch error.code.name {
        case "overloaded", "busy", "deadline", "cache-memory", "memory":
            self.init(.serviceUnavailable, error.message, retryAfter: 1)
        case "no-candidate": self.init(.internalServerError, error.message)
        default: self.init(.badRequest, error.message, field: error.place)
        }
    }
}

/// An error whose description is for people who sent the request: all of Swiftlet's own.
protocol FailureText: Error, CustomStringConvertible {}
extension Failure: FailureText {}

extension Failure {
    /// The failure without the place, which has a field of its own where a request is at fault.
    var message: String {
        var text = place.map { "\($0): " } ?? ""
        text += problem
        if let advice { text += ". " + advice }
        return text
    }
}
