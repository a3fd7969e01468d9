import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SwiftletGround
import SwiftletServer

/// Asks a server for its numbers.
struct ServerNumbers {
    let address: ServerAddress
    let key: String?
    private let client: HTTPClient

    /// Asks while `body` runs.
    static func with<Value>(
        _ address: ServerAddress, key: String?, _ body: (ServerNumbers) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(3)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let value = try await body(ServerNumbers(address: address, key: key, client: client))
            try await client.shutdown()
            return value
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// What the server says of itself now.
    func read() async throws -> TopReading {
        let metrics = try await get("/metrics")
        let samples: MetricsSamples
        do {
            samples = try MetricsSamples(metrics)
        } catch {
            throw CommandError(.input, "is not what a Swiftlet server tells: \(error)", at: "\(address)/metrics")
        }
        guard !samples["swiftlet_ready"].isEmpty else {
            throw CommandError(.input, "is there, but no Swiftlet server's", at: "\(address)/metrics")
        }
        let time = ContinuousClock.now
        // An old answer is better than none.
        let loaded = try? JSONValue(parsing: await get("/api/ps"))
        return TopReading(samples, loaded: loaded, time: time)
    }

    private func get(_ path: String) async throws -> String {
        var request = HTTPClientRequest(url: "\(address)\(path)")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            response = try await client.execute(request, timeout: .seconds(5))
            body = try await response.body.collect(upTo: 16 << 20)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw CommandError(
                .input, "does not answer: \(reason)", at: address.description,
                advice: "Is the server running there? --host names another address")
        }
        switch response.status.code {
        case 200: return String(buffer: body)
        case 401, 403:
            throw CommandError(
                .input, key == nil ? "wants an API key" : "refuses this API key", at: "\(address)\(path)",
                advice: "Set SWIFTLET_API_KEY, or give --key-file, with a key that may see all models")
        default: throw CommandError(.input, "answers with status \(response.status.code)", at: "\(address)\(path)")
        }
    }
}
