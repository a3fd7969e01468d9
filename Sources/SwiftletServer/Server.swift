import Foundation
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
        /// Whether it speaks TLS.
        public let isSecure: Bool
        public var description: String {
            "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    /// `onStart` is called once the server listens.
    public init(
        _ options: ServerOptions = ServerOptions(), library: Library, logger: Logger = Logger(label: "swiftlet"),
        onStart: @escaping @Sendable (Address) async -> Void = { _ in }
    ) {
        (self.options, self.onStart) = (options, onStart)
        OpenFiles.raiseLimit()
        core = ServerCore(options, library: library, logger: logger)
    }

    /// Serves until the task is cancelled or the service group shuts down.
    ///
    /// A shutdown takes no more connections; running requests may go on for `options.shutdownLimit`, and then end with an
    /// error. Throws if it cannot listen, or cannot load a model of `options.preload`.
    public func run() async throws {
        try await core.recording { try await runAlone() }
    }

    private func runAlone() async throws {
        let core = core
        try core.keys.start(
            needsKeys: !options.isLoopback && !options.isInsecure, address: "\(options.host):\(options.port)")
        await core.recallKeys()
        let identity = try options.tls.isOn ? TLSIdentity(options.tls, logger: core.logger) : nil
        let watch = Task { await core.keys.watch() }
        defer { watch.cancel() }
        defer { core.stopped() }
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await serve(identity)
                    return true
                }
                group.addTask {
                    try await core.preload()
                    return false
                }
                group.addTask {
                    await identity?.watch()
                    return false
                }
                while try await group.next() == false {}
                group.cancelAll()
            }
        } onGracefulShutdown: {
            core.stop()
        }
        await core.host.unloadAll()
    }

    /// Listens and answers until it is told to stop.
    private func serve(_ identity: TLSIdentity?) async throws {
        let core = core
        let application = Application(
            router: core.makeRouter(Routes.all),
            server: HTTPServerBuilder { GuardedChannel(core, identity, $0) },
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: "swiftlet", backlog: 1024),
            onServerRunning: { [onStart, options, core] channel in
                let address = Address(
                    host: options.host, port: channel.localAddress?.port ?? options.port, isSecure: options.tls.isOn)
                core.audit.add(.start, note: "Swiftlet \(ServerVersion.current) listens on \(address)")
                await core.audit.log?.flush()
                await onStart(address)
            },
            logger: core.logger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw ServerError(
                .configuration, "cannot listen: \(error)", at: "\(options.host):\(options.port)",
                advice: "Is another server running there? --port names another port")
        } catch {
            // Once it stops, what would not end in time is cut off.
            guard core.readiness.isStopping else { throw error }
        }
    }

    /// Serves until SIGINT or SIGTERM; running requests then have `shutdownLimit` to end, a second signal ends them.
    ///
    /// On SIGHUP it takes the options that `reload` gives, as far as they may change in a running server; if that throws, it
    /// goes on as it was.
    public func runUntilSignal(reload: (@Sendable () throws -> ServerOptions)? = nil) async throws {
        var configuration = ServiceGroupConfiguration(services: [self], logger: quiet)
        // Who does not even take the error that ends a request is cut off.
        configuration.maximumGracefulShutdownDuration = options.shutdownLimit + .seconds(5)
        let group = ServiceGroup(configuration: configuration)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        // Its terminal's end sends the same signal, and should end the server.
        let hasTerminal = isatty(STDIN_FILENO) != 0
        let watch = Task { [core] in
            var isStopping = false
            for await signal in signals {
                if signal == .sighup, !(hasTerminal && isatty(STDIN_FILENO) == 0) {
                    do {
                        if let reload { try await core.change(to: reload()) }
                    } catch {
                        core.logger.error("the configuration stays as it was: \(error)")
                    }
                    continue
                }
                if isStopping { core.interrupt() }
                isStopping = true
                await group.triggerGracefulShutdown()
            }
        }
        defer { watch.cancel() }
        try await group.run()
    }

    /// The services below tell their own starts and ends; ours is `onStart`.
    private var quiet: Logger {
        var logger = core.logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
