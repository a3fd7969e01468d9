import SwiftletServer
import Testing

/// Who gets a connection, and who makes room.
@Suite struct SeatsTests {
    private let here = AddressKey(text: "here")
    private let there = AddressKey(text: "there")

    @Test func whoWaitsLongestMakesRoom() {
        var seats = Seats(all: 3, each: 3)
        let first = (0..<3).compactMap { _ in seats.admit(here).seat }
        #expect(first.count == 3)
        // The first one has a request by now.
        seats.works(first[0])
        let (seat, victims) = seats.admit(there)
        #expect(seat != nil && victims == [first[1]])
        #expect(seats.count == 3)
        // It waits again, behind the others.
        seats.waits(first[0])
        let more = (0..<3).map { _ in seats.admit(there).victims }
        #expect(more == [[first[2]], [seat ?? 0], [first[0]]])
    }

    @Test func whoWorksStays() {
        var seats = Seats(all: 2, each: 2)
        for _ in 0..<2 { if let seat = seats.admit(here).seat { seats.works(seat) } }
        let refused = seats.admit(there)
        #expect(refused.seat == nil && refused.victims.isEmpty)
        #expect(seats.count == 2)
    }

    @Test func anAddressMakesRoomAmongItsOwn() {
        var seats = Seats(all: 4, each: 2)
        let other = seats.admit(there).seat
        let own = (0..<2).compactMap { _ in seats.admit(here).seat }
        let first = seats.admit(here).victims
        seats.works(own[1])
        let second = seats.admit(here).victims
        #expect(first == [own[0]] && second.count == 1)
        #expect(seats.count == 3)
        // The others lose nothing.
        let free = seats.admit(there).victims
        #expect(free.isEmpty && other != nil)
    }

    @Test func anAddressThatWorksOnAllItsSeatsGetsNoMore() {
        var seats = Seats(all: 4, each: 1)
        if let seat = seats.admit(here).seat { seats.works(seat) }
        let (same, different) = (seats.admit(here).seat, seats.admit(there).seat)
        #expect(same == nil && different != nil)
    }

    @Test func seatsThatWereLeftAreFree() {
        var seats = Seats(all: 1, each: 1)
        for _ in 0..<1000 {
            let (seat, victims) = seats.admit(here)
            #expect(victims.isEmpty)
            if let seat { seats.leave(seat) }
        }
        #expect(seats.count == 0)
    }

    @Test func aLineAgreesWithAPlainOne() {
        var line = WaitingLine()
        var plain: [Int] = []
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let member = Int.random(in: 0..<50, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                line.join(member)
                plain.removeAll { $0 == member }
                plain.append(member)
            case 2:
                line.leave(member)
                plain.removeAll { $0 == member }
            default:
                let first = line.popFirst()
                #expect(first == plain.first)
                plain = Array(plain.dropFirst())
            }
            #expect(line.count == plain.count)
        }
    }
}
