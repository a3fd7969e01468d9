/// Many byte strings, stored flat: two allocations however many there are.
public struct ByteStrings: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    public init() {}

    public var count: Int { ends.count }

    public mutating func reserve(strings: Int, bytes: Int) {
        ends.reserveCapacity(strings)
        self.bytes.reserveCapacity(bytes)
    }

    public mutating func append(_ string: some Collection<UInt8>) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }

    /// Appends a string that `build` adds to the bytes of all before it.
    mutating func append(building build: (inout [UInt8]) -> Void) {
        build(&bytes)
        ends.append(bytes.count)
    }

    /// Where string `index` lies in `bytes`.
    public func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    public subscript(_ index: Int) -> ArraySlice<UInt8> {
        bytes[range(index)]
    }
}
