import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import SwiftletGround
import Synchronization

/// Sends ended spans to a collector, some hundred a request, beside the calls; what it does not take is lost, and calls go on.
final class OTLPSpans: SpanSink, Recorder {
    private let url: URL
    private let logger: Logger
    private let queue = Mutex(SpanQueue())

    init(_ url: URL, logger: Logger) { (self.url, self.logger) = (url, logger) }

    func take(_ span: FinishedSpan) { queue.withLock { $0.add(span) } }

    func run() async {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .collector)
        while !Task.isCancelled {
            try? await Task.sleep(for: queue.withLock { $0.pause })
            if !Task.isCancelled { await send(client, within: .seconds(10)) }
        }
        // This task is cancelled, and with it what it waits for.
        await Task { await send(client, within: .seconds(2)) }.value
        try? await client.shutdown()
    }

    /// Sends what waits, until a try fails.
    private func send(_ client: HTTPClient, within limit: TimeAmount) async {
        while let batch = queue.withLock({ $0.next() }) {
            let problem: String
            let isNews: Bool
            do {
                let status = try await post(OTLP.request(batch).text(), client, limit)
                if (200..<300).contains(status) {
                    if let lost = queue.withLock({ $0.sent() }) {
                        logger.notice("the collector takes spans", metadata: ["lost": "\(lost)"])
                    }
                    continue
                }
                problem = "status \(status)"
                // Those that the specification says may work later.
                let mayWork = [429, 502, 503, 504].contains(status)
                isNews = queue.withLock { mayWork ? $0.failed(batch) : $0.refused(batch) }
            } catch {
                problem = "\(error)"
                isNews = queue.withLock { $0.failed(batch) }
            }
            if isNews {
                logger.warning(
                    "the collector does not take spans", metadata: ["url": "\(url)", "problem": "\(problem)"])
            }
            return
        }
    }

    private func post(_ body: String, _ client: HTTPClient, _ limit: TimeAmount) async throws -> Int {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "swiftlet/\(ServerVersion.current)")
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await client.execute(request, timeout: limit)
        // So that the connection can be used again.
        _ = try await response.body.collect(upTo: 1 << 20)
        return Int(response.status.code)
    }
}

extension HTTPClient.Configuration {
    fileprivate static var collector: Self {
        var configuration = Self(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(3)
        return configuration
    }
}
