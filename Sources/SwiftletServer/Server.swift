import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
import SwiftletGround
public import SwiftletLibrary
import UnixSignals

/// Models of a library behind HTTP: Ollama's, OpenAI's, Anthropic's and llama.cpp's APIs on one port.
///
/// ```swift
/// let server = Server(ServerOptions(), library: try Library())
/// try await server.run()
/// ```
public struct Server: Service {
    public let options: ServerOptions
    private let core: ServerCore
    private let onStart: @Sendable (Address) async -> Void

    /// Where a server listens.
    public struct Address: Sendable, CustomStringConvertible {
        public let host: String
        public let port: Int
        public var description: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
    }

    /// `onStart` is called once the server listens.
    public init(
        _ options: ServerOptions = ServerOptions(), library: Library, logger: Logger = Logger(label: "swiftlet"),
        onStart: @escaping @Sendable (Address) async -> Void = { _ in }
    ) {
        (self.options, self.onStart) = (options, onStart)
        core = ServerCore(options, library: library, logger: logger)
    }

    /// Serves until the task is cancelled or the service group shuts down: then no more connections are taken, and running
    /// requests end.
    public func run() async throws {
        let core = core
        try core.keys.start(
            needsKeys: !options.isLoopback && !options.isInsecure, address: "\(options.host):\(options.port)")
        let watch = Task { await core.keys.watch() }
        defer { watch.cancel() }
        var logger = core.logger
        // Hummingbird tells its own start; ours is `onStart`.
        logger.logLevel = max(logger.logLevel, .notice)
        let application = Application(
            router: core.makeRouter(Routes.all),
            server: .http1(
                configuration: HTTP1Channel.Configuration(additionalChannelHandlers: [core.connections.makeHandler()])),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: "swiftlet", backlog: 1024),
            onServerRunning: { [onStart, options] channel in
                await onStart(Address(host: options.host, port: channel.localAddress?.port ?? options.port))
            },
            logger: core.logger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw ServerError(
                .configuration, "cannot listen: \(error)", at: "\(options.host):\(options.port)",
                advice: "Is another server running there? --port names another port")
        }
        await core.host.unloadAll()
    }

    /// Serves until SIGINT or SIGTERM; running requests then have `shutdownLimit` to end, a second signal ends them.
    public func runUntilSignal() async throws {
        var configuration = ServiceGroupConfiguration(
            services: [self], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = options.shutdownLimit
        try await ServiceGroup(configuration: configuration).run()
    }

    private var quiet: Logger {
        var logger = core.logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
