import Hummingbird
import NIOCore
import NIOHTTP1
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
    /// How the client is to say who it is, when that is not known.
    var challenge: String?
    /// The methods that the path has, where the request's is none of them.
    var allowed: String?
    /// What is wrong with the request's body, for families that have their own words for it.
    var problem: RequestProblem?
    /// The code of the error behind it.
    var code: String?

    init(_ status: HTTPResponse.Status, _ message: String, field: String? = nil, retryAfter: Int? = nil) {
        (self.status, self.message, self.field, self.retryAfter) = (status, message, field, retryAfter)
    }

    init(_ error: any Error) {
        switch error {
        case let failure as Self: self = failure
        case let problem as RequestProblem:
            self.init(.badRequest, problem.message, field: problem.path.bracketed)
            self.problem = problem
        case let error as ServerError: self.init(error)
        case let error as LibraryError: self.init(error)
        case let error as EngineError: self.init(error)
        case let error as JSONError:
            self.init(.badRequest, "invalid JSON: \(error.problem)" + (error.place.map { " at \($0)" } ?? ""))
        case let error as any FailureText: self.init(.badRequest, error.description)
        case is HTTPParserError: self.init(.badRequest, "the request's body is no HTTP/1.1")
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
            case .notFound, .noModel: .notFound
            case .method: .methodNotAllowed
            case .forbidden: .forbidden
            case .unsupported: .notImplemented
            case .busy, .stopping: .serviceUnavailable
            case .memory, .configuration: .internalServerError
            default: .badRequest
            }
        let sentence = [error.place, error.problem].compactMap { $0 }.joined(separator: " ")
        self.init(
            status, [sentence, error.advice].compactMap { $0 }.joined(separator: ". "),
            field: error.code == .noModel ? "model" : error.place,
            retryAfter: error.code == .busy ? 5 : nil)
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
        self.init(status, error.description, field: [.name, .notFound].contains(error.code) ? "model" : nil)
    }

    private init(_ error: EngineError) {
        switch error.code {
        case .overloaded, .deadline:
            let seconds = error.retryAfter.map { Int(($0 / .seconds(1)).rounded(.up)) }
            self.init(.serviceUnavailable, error.message, retryAfter: max(1, seconds ?? 1))
        case .noCandidate: self.init(.internalServerError, error.message)
        default: self.init(.badRequest, error.message, field: error.place)
        }
        code = error.code.name
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

extension RequestProblem {
    /// The problem as a sentence: `options.temperature must be a number, not a string`.
    fileprivate var message: String {
        let name = path.steps.isEmpty ? "the request's body" : path.bracketed
        return switch kind {
        case .missing: "\(name) is required"
        case .type(let expected, let found): "\(name) must be \(expected.words), not \(found.words)"
        case .below(let limit, let found, _): "\(name) must be \(limit) or more, but is \(found)"
        case .above(let limit, let found, _): "\(name) must be \(limit) or less, but is \(found)"
        case .choice(_, let allowed): "\(name) must be one of \(allowed.joined(separator: ", "))"
        case .other(let text): path.steps.isEmpty ? text : "\(name): \(text)"
        }
    }
}

extension JSONKind {
    fileprivate var words: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
