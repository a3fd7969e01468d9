import Foundation
import Logging
import NIOCore
import Synchronization

/// Who is connected, and for whom there is room.
final class ConnectionTable: Sendable {
    private let state: Mutex<State>
    private let logger: Logger

    private struct State {
        var seats: Seats
        var channels: [Int: any Channel] = [:]
        var closed: [ConnectionPace.Reason: Int] = [:]
        var lastWord: ContinuousClock.Instant?
    }

    init(_ limits: ConnectionLimits, logger: Logger) {
        let all = max(1, limits.connections ?? OpenFiles.connections)
        state = Mutex(State(seats: Seats(all: all, each: max(1, limits.connectionsPerAddress ?? (all + 1) / 2))))
        self.logger = logger
    }

    /// A seat for a new connection until it closes; nil if there is none. Another may have to make room.
    func admit(_ channel: any Channel) -> Int? {
        let address = AddressKey(channel.remoteAddress)
        let (seat, victims) = state.withLock { state -> (Int?, [any Channel]) in
            let (seat, victims) = state.seats.admit(address)
            if let seat { state.channels[seat] = channel }
            if seat == nil { state.closed[.full, default: 0] += 1 }
            state.closed[.room, default: 0] += victims.count
            return (seat, victims.compactMap { state.channels.removeValue(forKey: $0) })
        }
        for victim in victims { victim.close(promise: nil) }
        if seat == nil || !victims.isEmpty { tell(address) }
        if let seat {
            channel.closeFuture.whenComplete { [weak self] _ in
                self?.state.withLock { state in
                    state.channels[seat] = nil
                    state.seats.leave(seat)
                }
            }
        }
        return seat
    }

    /// The connection has no whole request that waits for its answer.
    func waits(_ seat: Int) { state.withLock { $0.seats.waits(seat) } }

    /// The connection has a request.
    func works(_ seat: Int) { state.withLock { $0.seats.works(seat) } }

    func closed(_ reason: ConnectionPace.Reason) { state.withLock { $0.closed[reason, default: 0] += 1 } }

    /// How many connections the server closed, by the reason.
    var closures: [(reason: ConnectionPace.Reason, count: Int)] {
        let closed = state.withLock { $0.closed }
        return ConnectionPace.Reason.allCases.map { ($0, closed[$0] ?? 0) }
    }

    /// At most a line in ten seconds, since who floods the server would flood the log.
    private func tell(_ address: AddressKey) {
        let now = ContinuousClock.now
        let counts = state.withLock { state -> (Int, Int, Int)? in
            if let last = state.lastWord, last.duration(to: now) < .seconds(10) { return nil }
            state.lastWord = now
            return (state.seats.count, state.closed[.full] ?? 0, state.closed[.room] ?? 0)
        }
        guard let (open, refused, room) = counts else { return }
        logger.warning(
            "all connections are taken",
            metadata: [
                "open": "\(open)", "refused": "\(refused)", "made room": "\(room)", "latest client": "\(address.text)",
            ])
    }
}

/// Whose connections count together.
package struct AddressKey: Sendable, Hashable {
    package let text: String

    init(_ address: SocketAddress?) {
        switch address {
        case .v6(let six):
            let bytes = withUnsafeBytes(of: six.address.sin6_addr) { Array($0) }
            // Whoever has an IPv6 network has 2^64 addresses of it; an IPv4 address that is mapped is one.
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            text = bytes[..<(isMapped ? 16 : 8)].map { String($0, radix: 16) }.joined(separator: ":")
        case let other: text = other?.ipAddress ?? "local"
        }
    }

    package init(text: String) { self.text = text }
}

/// Seats for connections: so many in all, so many for each address. Who has waited longest without a request makes room.
package struct Seats: Sendable {
    private let all: Int
    private let each: Int
    private var next = 0
    private var addresses: [Int: AddressKey] = [:]
    private var lines: [AddressKey: (count: Int, line: WaitingLine)] = [:]
    private var line = WaitingLine()

    package init(all: Int, each: Int) { (self.all, self.each) = (all, min(all, each)) }

    package var count: Int { addresses.count }

    /// A seat, and whose seats were given up for it; nil if there is none. Who sits down waits.
    package mutating func admit(_ address: AddressKey) -> (seat: Int?, victims: [Int]) {
        var victims: [Int] = []
        if lines[address]?.count ?? 0 >= each {
            guard let victim = lines[address]?.line.popFirst() else { return (nil, []) }
            leave(victim)
            victims.append(victim)
        }
        if addresses.count >= all {
            guard let victim = line.popFirst() else { return (nil, victims) }
            leave(victim)
            victims.append(victim)
        }
        next += 1
        addresses[next] = address
        lines[address, default: (0, WaitingLine())].count += 1
        waits(next)
        return (next, victims)
    }

    package mutating func waits(_ seat: Int) {
        guard let address = addresses[seat] else { return }
        line.join(seat)
        lines[address]?.line.join(seat)
    }

    package mutating func works(_ seat: Int) {
        guard let address = addresses[seat] else { return }
        line.leave(seat)
        lines[address]?.line.leave(seat)
    }

    package mutating func leave(_ seat: Int) {
        works(seat)
        guard let address = addresses.removeValue(forKey: seat) else { return }
        lines[address]?.count -= 1
        if lines[address]?.count == 0 { lines[address] = nil }
    }
}
