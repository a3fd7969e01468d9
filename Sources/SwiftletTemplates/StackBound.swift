/// How much of the thread's stack a recursion uses; counting levels alone cannot tell, since frames differ by an order
/// of magnitude between builds.
struct StackBound {
    private let start = Self.place

    /// Whether so much is used that going deeper could overflow the stack.
    var isReached: Bool { abs(Self.place - start) > Self.bytes }

    private static var place: Int {
        var marker: UInt8 = 0
        return withUnsafeMutablePointer(to: &marker) { Int(bitPattern: $0) }
    }

    // Stacks have 8 MB on Linux; on Apple's systems only the first thread's has, the others' 512 KB.
    #if DEBUG
    private static let bytes = 5 << 20
    #elseif canImport(Darwin)
    private static let bytes = 256 << 10
    #else
    private static let bytes = 1 << 20
    #endif
}
