/// Those who wait, in the order in which they began to; joining, leaving and taking the first cost a constant on average.
package struct WaitingLine: Sendable {
    private var stamps: [Int: Int] = [:]
    private var line: [(member: Int, stamp: Int)] = []
    private var first = 0
    private var next = 0

    package init() {}

    package var count: Int { stamps.count }

    /// Puts a member at the end, wherever it was.
    package mutating func join(_ member: Int) {
        next += 1
        stamps[member] = next
        line.append((member, next))
        // Places of those who left are taken out when they are most of the line.
        if line.count - first > 2 * stamps.count + 32 || first > line.count / 2 {
            line = line[first...].filter { stamps[$0.member] == $0.stamp }
            first = 0
        }
    }

    package mutating func leave(_ member: Int) { stamps[member] = nil }

    /// Takes out who has waited longest.
    package mutating func popFirst() -> Int? {
        while first < line.count {
            let (member, stamp) = line[first]
            first += 1
            guard stamps[member] == stamp else { continue }
            stamps[member] = nil
            return member
        }
        return nil
    }
}
