/// A grammar as a machine: states over bytes that may call rules and count repetitions.
struct Program: Sendable {
    enum Kind: UInt8 {
        /// Reads one byte: `edges[first..<last]`.
        case read
        /// Goes on at each of `targets[first..<last]`.
        case split
        /// Enters the state `first` and goes on at `last` when that rule is done.
        case call
        /// Begins the repetition `loops[first]`.
        case loop
        /// Where a turn of the repetition `loops[first]` is done.
        case turn
        /// The rule is done.
        case end
        /// The text may end.
        case accept
        /// What is below is not known (in states that are looked at apart from what they stand on).
        case bottom
        /// Reads the token `tokens[first]` and goes on at `last`.
        case token
    }

    struct State {
        var kind: Kind
        var first: Int32 = 0
        var last: Int32 = 0
    }

    struct Edge {
        let low: UInt8
        let high: UInt8
        let target: Int32
    }

    struct Loop {
        let body: Int32
        let next: Int32
        let minimum: Int32
        /// `Int32.max`: without end.
        let maximum: Int32
    }

    static let end: Int32 = 0
    static let accept: Int32 = 1
    static let bottom: Int32 = 2

    var states: [State] = [State(kind: .end), State(kind: .accept), State(kind: .bottom)]
    var edges: [Edge] = []
    var targets: [Int32] = []
    var loops: [Loop] = []
    var tokens: [TokenTerminal] = []
    var start: Int32 = 0
    /// Bytes that no state tells apart have one class.
    private(set) var classes = [UInt8](repeating: 0, count: 256)
    /// One byte of each class.
    private(set) var representatives: [UInt8] = []

    var memory: Int {
        states.count * MemoryLayout<State>.stride + edges.count * MemoryLayout<Edge>.stride + targets.count * 4
            + loops.count * MemoryLayout<Loop>.stride
    }

    mutating func sortBytesIntoClasses() {
        var isBorder = [Bool](repeating: false, count: 257)
        for edge in edges {
            isBorder[Int(edge.low)] = true
            isBorder[Int(edge.high) + 1] = true
        }
        representatives = [0]
        for byte in 1..<256 {
            if isBorder[byte] { representatives.append(UInt8(byte)) }
            classes[byte] = UInt8(representatives.count - 1)
        }
    }
}
