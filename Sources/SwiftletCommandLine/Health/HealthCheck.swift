import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SwiftletGround

/// One question to a server.
enum HealthCheck {
    /// Throws unless the answer is 200.
    static func ask(_ url: String, timeout: Duration) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .nanoseconds(timeout.nanoseconds))
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let response = try await client.execute(
                HTTPClientRequest(url: url), timeout: .nanoseconds(timeout.nanoseconds))
            let body = (try? await response.body.collect(upTo: 1 << 16)).map { String(buffer: $0) }
            try? await client.shutdown()
            guard response.status.code != 200 else { return }
            let reason = body.flatMap(Self.reason) ?? "status \(response.status.code)"
            throw CommandError(.server, "not ready: \(reason)", at: url)
        } catch let error as CommandError {
            throw error
        } catch {
            try? await client.shutdown()
            throw CommandError(.server, "no answer", at: url, cause: error)
        }
    }

    /// What an error of llama-server's shape says.
    private static func reason(_ body: String) -> String? {
        (try? JSONValue(parsing: Data(body.utf8), maximumDepth: 8))?.object?["error"]?.object?["message"]?.string
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, rest) = components
        return min(seconds, 86_400) * 1_000_000_000 + rest / 1_000_000_000
    }
}
