import HTTPTypes
import Hummingbird
import NIOCore
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary

/// What those who run a server ask it; errors have llama-server's shape.
enum OperationAPI {
    /// Whether the server is to get requests: 503 before all models of `--preload` are there, and while it stops.
    static func ready(_ call: Call) async throws -> Response {
        if let reason = call.core.readiness.obstacle {
            throw RequestFailure(.serviceUnavailable, reason, retryAfter: 1)
        }
        return .json(["status": "ok"])
    }

    /// Numbers for Prometheus.
    static func metrics(_ call: Call) async throws -> Response {
        let core = call.core
        guard call.caller.holder?.key.models == nil else {
            throw ServerError(.forbidden, "an API key for some models may not see the metrics, which tell of all")
        }
        let form = MetricsText.Form(accept: call.request.headers[.accept])
        let models = await core.host.resident.map { model in
            let status =
                switch model.content {
                case .language(let chat): chat.engine.latestStatus
                case .encoder: EngineStatus()
                }
            return (
                name: model.name.description, bytes: model.bytes, weightBytes: model.manifest.size, status: status
            )
        }
        let text = core.metrics.text(
            form,
            ServerMetrics.Surroundings(
                models: models, modelBudget: core.host.budget, connections: core.connections.count,
                closures: core.table.closures,
                isReady: core.readiness.obstacle == nil, process: ProcessFacts(start: core.startDate)))
        return Response(
            status: .ok, headers: [.contentType: form.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
