import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import SwiftletGround

/// HTTP as the library needs it: one GET at a time, redirects followed here so that a token never leaves its host.
struct WebClient: Sendable {
    private let direct: HTTPClient
    /// Nil if the environment names no proxy.
    private let proxied: HTTPClient?
    let environment: LibraryEnvironment

    /// Runs `body` with a client, and closes it after.
    static func with<Result: Sendable>(
        _ environment: LibraryEnvironment, _ body: (WebClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(
            connect: .init(environment.connectTimeout), read: .init(environment.readTimeout))
        // A host that cannot be found or reached is told at once; the retries are ours.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        let direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let proxied = environment.proxy.map { proxy in
            configuration.proxy = proxy
            return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }
        let client = WebClient(direct: direct, proxied: proxied, environment: environment)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }

    private func close() async {
        // Only open requests could make this fail, and they ended with `body`.
        try? await direct.shutdown()
        try? await proxied?.shutdown()
    }

    /// The head of an answer and its body, still on its way.
    struct Answer {
        let url: URL
        let response: HTTPClientResponse
        /// The heads of the redirects that led here, the first one first.
        let redirects: [HTTPHeaders]

        var status: Int { Int(response.status.code) }
        func header(_ name: String) -> String? { response.headers.first(name: name) }
    }

    /// Sends one GET and follows up to ten redirects.
    func get(_ url: URL, headers: [(name: String, value: String)] = []) async throws -> Answer {
        var url = url
        var redirects: [HTTPHeaders] = []
        while true {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.headers.add(name: "User-Agent", value: "swiftlet")
            // A body that is encoded on the way would have another length and no ranges.
            request.headers.add(name: "Accept-Encoding", value: "identity")
            for header in headers { request.headers.add(name: header.name, value: header.value) }
            if let token = environment.huggingFaceToken, isEndpoint(url) {
                request.headers.add(name: "Authorization", value: "Bearer \(token)")
            }
            let response: HTTPClientResponse
            do {
                let http = environment.isExempt(url.host() ?? "") ? direct : proxied ?? direct
                response = try await http.execute(request, deadline: .distantFuture)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                try Task.checkCancellation()
                throw Self.failure(error, host: url.host() ?? "the server")
            }
            let answer = Answer(url: url, response: response, redirects: redirects)
            guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.header("location") else {
                return answer
            }
            redirects.append(response.headers)
            guard redirects.count <= 10 else {
                throw LibraryError(.refused, "redirects more than ten times", at: url.host() ?? "the server")
            }
            guard let next = URL(string: location, relativeTo: url) else {
                throw LibraryError(.refused, "redirects to no address", at: url.host() ?? "the server")
            }
            url = try ModelSource.checkedURL(next.absoluteURL.absoluteString)
        }
    }

    /// Whether the token may go to this address: the endpoint's own host, port and scheme.
    private func isEndpoint(_ url: URL) -> Bool {
        guard let endpoint = URL(string: environment.huggingFaceEndpoint) else { return false }
        return endpoint.scheme == url.scheme && endpoint.host() == url.host() && endpoint.port == url.port
    }

    /// The body of a small answer, at most 16 MiB, with status 200; retried like a download.
    func text(_ url: URL) async throws -> Data {
        var pauses = Pauses(environment)
        while true {
            do {
                let answer = try await get(url, headers: [("Accept", "application/json")])
                var transfer = Transfer(address: url.absoluteString, total: nil, hasDigest: false, have: 0, saved: nil)
                switch transfer.receive(status: answer.status, header: answer.header) {
                case .startOver:
                    let body = try await answer.response.body.collect(upTo: 16 << 20)
                    return Data(body.readableBytesView)
                case .refuse(let code, let problem, let advice):
                    throw LibraryError(code, problem, at: url.absoluteString, advice: advice)
                case .retry(let seconds, let reason):
                    guard let pause = pauses.next(asked: seconds) else {
                        throw LibraryError(.refused, reason, at: url.absoluteString, advice: "Try again later")
                    }
                    try await Task.sleep(for: pause)
                default: throw LibraryError(.refused, "answers with status \(answer.status)", at: url.absoluteString)
                }
            } catch let error as LibraryError where error.code == .network && error.isTransient {
                guard let pause = pauses.next(asked: nil) else { throw error }
                try await Task.sleep(for: pause)
            } catch let error where !(error is LibraryError || error is CancellationError) {
                try Task.checkCancellation()
                guard let pause = pauses.next(asked: nil) else { throw Self.failure(error, host: url.host() ?? "") }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// A transport's error in our words.
    static func failure(_ error: any Error, host: String) -> LibraryError {
        if let error = error as? LibraryError { return error }
        let advice = "Check the network; the same command goes on where this one stopped"
        if let error = error as? NIOConnectionError {
            if error.dnsAError != nil || error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
                return LibraryError(
                    .network, "the host cannot be found", at: host, advice: advice, cause: Unreachable())
            }
            return LibraryError(.network, "the host cannot be reached", at: host, advice: advice, cause: Unreachable())
        }
        let problem =
            switch error as? HTTPClientError {
            case .connectTimeout: "the host does not answer"
            case .readTimeout: "the server went silent"
            case .remoteConnectionClosed: "the connection was lost"
            default: "the connection failed: \(String(describing: error).shortened)"
            }
        let isUnreachable = (error as? HTTPClientError) == .connectTimeout
        return LibraryError(.network, problem, at: host, advice: advice, cause: isUnreachable ? Unreachable() : nil)
    }
}

/// Marks a host that could not be reached at all, so that the next source is tried without waiting.
struct Unreachable: Error, CustomStringConvertible {
    let description = "no connection"
}

extension Failure<LibraryDomain> {
    /// A connection that was there and broke; worth a retry.
    var isTransient: Bool { !(cause is Unreachable) }
}

/// The pauses between retries: each twice the one before, none after the last.
struct Pauses {
    private var left: Int
    private var pause: Duration
    private let environment: LibraryEnvironment

    init(_ environment: LibraryEnvironment) {
        self.environment = environment
        left = environment.retries
        pause = environment.firstPause
    }

    /// The next pause, at least what the server asked for; nil when patience is at its end.
    mutating func next(asked seconds: Int?) -> Duration? {
        guard left > 0 else { return nil }
        left -= 1
        defer { pause *= 2 }
        return max(pause, .seconds(seconds ?? 0))
    }

    /// Progress was made: patience is whole again.
    mutating func reset() { self = Self(environment) }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let parts = duration.components
        self = .nanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}
