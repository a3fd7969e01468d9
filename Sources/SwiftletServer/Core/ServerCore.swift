import Foundation
import Hummingbird
import Logging
import SwiftletGround
import SwiftletHistory
import SwiftletLibrary
import Synchronization
import Tracing

/// What all endpoints share.
final class ServerCore: Sendable {
    private let current: Mutex<ServerOptions>
    let library: Library
    let host: ModelHost
    let logger: Logger
    let connections = Connections()
    /// Who may connect.
    let table: ConnectionTable
    let bodies: BodyMemory
    let keys: KeyRing
    let metrics: ServerMetrics
    let readiness: Readiness
    let history: History?
    /// Where spans begin; nil where nobody wants them.
    let tracer: (any Tracer)?
    /// What keeps what calls leave behind.
    let recorders: [any Recorder]
    let audit = AuditSlot()
    let started = ContinuousClock.now
    let startDate = Date()
    /// Ends what runs, once the server stops.
    let deadline = Mutex<Task<Void, Never>?>(nil)
    /// Each stage sees a call before the next one, and its answer after it.
    private let stages: [any Stage]

    init(_ options: ServerOptions, library: Library, logger: Logger) {
        (self.library, self.logger) = (library, logger)
        current = Mutex(options)
        let metrics = ServerMetrics()
        self.metrics = metrics
        readiness = Readiness(loading: options.preload)
        host = ModelHost(library: library, options: options, metrics: metrics, logger: logger)
        let keyFile = options.keyFile.map { KeyFile($0) } ?? KeyFile(home: library.home)
        keys = KeyRing(keyFile, logger: logger) { [audit] name in
            audit.add(.revoked, note: "the API key \"\(name)\" was taken away")
        }
        let history = options.history.map { History($0, logger: logger) }
        let tracing = options.tracing.begin(logger)
        (self.history, tracer) = (history, tracing.tracer)
        recorders = [history, tracing.recorder].compactMap { $0 }
        table = ConnectionTable(options.limits, logger: logger)
        bodies = BodyMemory(limit: options.limits.bodiesInMemory)
        stages = Stages.all(options)
    }

    /// As they are now: some change when the server reads its configuration anew.
    var options: ServerOptions { current.withLock { $0 } }

    /// Takes from other options what may change in a running server; requests go on.
    func change(to wanted: ServerOptions) async throws(ServerError) {
        let change = try ServerConfiguration.Change(from: options, to: wanted)
        current.withLock { $0 = change.options }
        await host.use(change.options)
        let names = { (settings: [ServerSetting]) in settings.map(\.name).joined(separator: ", ") }
        logger.notice("the configuration was read anew", metadata: ["changed": "\(names(change.changed))"])
        audit.add(.reload, note: "changed: \(names(change.changed))")
        if !change.waiting.isEmpty {
            logger.warning("some changes need a restart", metadata: ["settings": "\(names(change.waiting))"])
        }
    }

    /// A call has been answered.
    func ended(_ call: Call, _ facts: CallRecord.Facts) {
        metrics.ended(
            ServerMetrics.Answered(
                method: call.route.method.rawValue, route: call.route.path, status: facts.status))
        // Probes and looks at lists are no history.
        if call.route.access == .use { history?.add(RequestEntry(call.route, facts, call.caller.holder?.key)) }
        if let log = audit.log, let record = AuditRecord(call, facts) { log.add(record) }
    }

    /// The router with all of `routes`, and an answer in the right shape for what is not there.
    func makeRouter(_ routes: [Route]) -> Router<ServerContext> {
        let router = Router(context: ServerContext.self)
        let heads = Set(routes.lazy.filter { $0.method == .head }.map(\.path))
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { [self] request, context in
                await answer(route, request, context)
            }
            if route.method == .get, !heads.contains(route.path) {
                let head = Route(.head, route.path, route.access, route.family, route.handler)
                router.on(RouterPath(route.path), method: .head) { [self] request, context in
                    await answer(head, request, context)
                }
            }
        }
        router.middlewares.add(Unknown(core: self, routes: routes))
        return router
    }

    /// An answer to HEAD has no body, also where it is an error: the next answer's bytes would be taken for it.
    fileprivate func answer(_ route: Route, _ request: Request, _ context: ServerContext) async -> Response {
        let response = await wholeAnswer(route, request, context)
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// Sends a request through the stages to its handler.
    private func wholeAnswer(_ route: Route, _ request: Request, _ context: ServerContext) async -> Response {
        let call = Call(
            core: self, route: route, request: request, context: context,
            connection: connections.connection(of: context.channel), log: RequestLog(context.logger, route),
            caller: keys.caller(of: request))
        var next: Route.Handler = route.handler
        for stage in stages.reversed() {
            next = { [next] in try await stage.answer($0, next) }
        }
        do {
            return try await next(call)
        } catch {
            return route.family.response(to: error)
        }
    }

    /// Answers for paths that no route has, and for methods that a path has not.
    private struct Unknown: RouterMiddleware {
        typealias Context = ServerContext
        let core: ServerCore
        let routes: [Route]

        func handle(
            _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
        ) async throws -> Response {
            do {
                return try await next(request, context)
            } catch let error as HTTPError where error.status == .notFound {
                let path = request.uri.path
                let route =
                    Route(refusing: request.method, of: routes.filter { $0.matches(path) })
                    ?? Route(request.method, "(unknown)", .open, Routes.family(ofPath: path)) { _ in
                        throw ServerError(.notFound, "there is nothing at \(path.prefix(80))")
                    }
                return await core.answer(route, request, context)
            }
        }
    }
}
