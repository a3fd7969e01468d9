/// Byte strings with what they stand for, as a tree in one array: a node, then all that begin with it.
///
/// A walk passes the array from front to back and skips what lies below a node in one step.
struct TokenTree: Sendable {
    struct Node {
        /// What the string up to here stands for, or -1.
        var value: Int32
        /// Nodes below this one, with itself.
        var size: Int32
        /// Bytes up to and with this one.
        var depth: UInt16
        /// The depth of the deepest node below this one, or of this one.
        var deepest: UInt16
        var byte: UInt8
    }

    private(set) var nodes: [Node] = []
    /// Bytes of the longest string.
    private(set) var height = 0

    /// Strings in ascending order without equals. Longer ones than 65,534 bytes are left out.
    init(sorted strings: [(bytes: ArraySlice<UInt8>, value: Int32)]) {
        // Nodes that lead to where the next string goes on, and its bytes.
        var path: [Int] = []
        for (bytes, value) in strings where bytes.count < Int(UInt16.max) {
            var shared = 0
            for byte in bytes {
                guard shared < path.count, nodes[path[shared]].byte == byte else { break }
                shared += 1
            }
            close(&path, to: shared)
            for byte in bytes.dropFirst(shared) {
                path.append(nodes.count)
                nodes.append(
                    Node(value: -1, size: 1, depth: UInt16(path.count), deepest: UInt16(path.count), byte: byte))
            }
            if let last = path.last { nodes[last].value = value }
            height = max(height, bytes.count)
        }
        close(&path, to: 0)
    }

    private mutating func close(_ path: inout [Int], to count: Int) {
        while path.count > count, let place = path.popLast() {
            nodes[place].size = Int32(nodes.count - place)
            if let parent = path.last { nodes[parent].deepest = max(nodes[parent].deepest, nodes[place].deepest) }
        }
    }

    /// What `bytes` stands for.
    func find(_ bytes: some Collection<UInt8>) -> Int32? {
        guard let place = place(bytes), nodes[place].value >= 0 else { return nil }
        return nodes[place].value
    }

    /// The node where `bytes` ends.
    func place(_ bytes: some Collection<UInt8>) -> Int? {
        var range = nodes.indices
        var found: Int?
        for byte in bytes {
            guard let place = child(byte, in: range) else { return nil }
            found = place
            range = place + 1..<place + Int(nodes[place].size)
        }
        return found
    }

    /// The node for `byte` among the topmost of a range.
    private func child(_ byte: UInt8, in range: Range<Int>) -> Int? {
        var place = range.lowerBound
        while place < range.upperBound {
            if nodes[place].byte == byte { return place }
            place += Int(nodes[place].size)
        }
        return nil
    }

    /// The longest string that `bytes` begins with, and whether a string goes on beyond all of `bytes`.
    func longest(_ bytes: ArraySlice<UInt8>) -> (value: Int32, count: Int, goesBeyond: Bool)? {
        var range = nodes.indices
        var best: (value: Int32, count: Int)?
        var count = 0
        for byte in bytes {
            guard let place = child(byte, in: range) else { return best.map { ($0.value, $0.count, false) } }
            count += 1
            if nodes[place].value >= 0 { best = (nodes[place].value, count) }
            range = place + 1..<place + Int(nodes[place].size)
        }
        return best.map { ($0.value, $0.count, !range.isEmpty) }
    }
}
