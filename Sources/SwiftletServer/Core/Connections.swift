import Hummingbird
import NIOCore
import Synchronization

/// The open connections, so that a request learns at once when its client has gone.
///
/// A client that closes its sending side counts as gone, as with Go's net/http, on which Ollama stands.
final class Connections: Sendable {
    private let open = Mutex<[ObjectIdentifier: Connection]>([:])

    var count: Int { open.withLock { $0.count } }

    /// The connection of a channel; one that was never opened here (a test without sockets) never closes.
    func connection(of channel: any Channel) -> Connection {
        open.withLock { $0[ObjectIdentifier(channel)] } ?? Connection()
    }

    /// Ends all that runs for clients, as if they had gone; they stay connected.
    func interrupt() {
        for connection in open.withLock({ Array($0.values) }) { connection.interrupt() }
    }

    /// What each new channel needs in its pipeline.
    func makeHandler() -> any RemovableChannelHandler { Watch(self) }

    private func add(_ channel: any Channel) -> Connection {
        let connection = Connection()
        open.withLock { $0[ObjectIdentifier(channel)] = connection }
        return connection
    }

    private func remove(_ channel: any Channel) {
        open.withLock { $0[ObjectIdentifier(channel)] = nil }
    }

    /// Sees a channel's end in its pipeline.
    private final class Watch: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = NIOAny

        private let connections: Connections
        private var connection: Connection?

        init(_ connections: Connections) { self.connections = connections }

        func handlerAdded(context: ChannelHandlerContext) { connection = connections.add(context.channel) }

        func handlerRemoved(context: ChannelHandlerContext) { close(context) }

        func channelInactive(context: ChannelHandlerContext) {
            close(context)
            context.fireChannelInactive()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let event = event as? ChannelEvent, event == .inputClosed { connection?.close() }
            context.fireUserInboundEventTriggered(event)
        }

        private func close(_ context: ChannelHandlerContext) {
            connections.remove(context.channel)
            connection?.close()
        }
    }
}

/// One client's connection; requests say what to do when it closes.
final class Connection: Sendable {
    private struct State {
        var isClosed = false
        var endReason: RequestFailure?
        var next = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Why requests end though their client is there; nil if it went.
    var endReason: RequestFailure? { state.withLock { $0.endReason } }

    func close(_ reason: RequestFailure? = nil) {
        let actions = state.withLock { state in
            if !state.isClosed { state.endReason = reason }
            state.isClosed = true
            defer { state.actions = [:] }
            return state.actions.values
        }
        for action in actions { action() }
    }

    /// Closes a request of its own with the connection; returns the number by which `remove` undoes that.
    func add(_ part: Connection) -> Int { cancelOnClose { part.close() } }

    func remove(_ part: Int) { forget(part) }

    /// Does what is to be done when the client goes.
    func interrupt() {
        let actions = state.withLock { state in
            defer { state.actions = [:] }
            return state.actions.values
        }
        for action in actions { action() }
    }

    /// Runs `work`, and cancels it when the client goes.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task { try await work() }
        let number = cancelOnClose(task.cancel)
        defer { forget(number) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Keeps an action for the connection's end until it is forgotten; at once if that was before.
    private func cancelOnClose(_ action: @escaping @Sendable () -> Void) -> Int {
        let number: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.next += 1
            state.actions[state.next] = action
            return state.next
        }
        guard let number else {
            action()
            return 0
        }
        return number
    }

    private func forget(_ number: Int) {
        state.withLock { _ = $0.actions.removeValue(forKey: number) }
    }
}
