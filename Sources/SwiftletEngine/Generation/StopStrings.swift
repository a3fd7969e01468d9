/// Finds stop strings in text that comes in pieces, and holds back what may be the beginning of one.
///
/// Compares bytes. The first stop string to be complete ends the text, whatever the pieces; of several complete at the same
/// byte, the longest. Never holds more than the longest stop string less a byte; constant time for a byte and a stop string.
public struct StopStrings: Sendable {
    private var matchers: [Matcher]
    /// The end of the text, not emitted: the longest that is a beginning of a stop string.
    private var held: [UInt8] = []
    /// The stop string that ended the text.
    public private(set) var matched: String?

    /// Empty strings are passed over.
    public init(_ strings: [String]) {
        // Sets of strings would take two spellings of é for one; bytes do not.
        var seen: Set<[UInt8]> = []
        matchers = strings.filter { !$0.isEmpty && seen.insert(Array($0.utf8)).inserted }.map(Matcher.init)
    }

    /// Takes the next piece of text and returns what is certain not to belong to a stop string, and the stop string that
    /// is now complete, if one is: the text ends before it, and later pieces give nothing.
    public mutating func append(_ piece: String) -> (emit: String, stopped: String?) {
        if matched != nil { return ("", matched) }
        if matchers.isEmpty { return (piece, nil) }
        for byte in piece.utf8 {
            held.append(byte)
            var longest: Matcher?
            for index in matchers.indices where matchers[index].advance(byte) {
                if matchers[index].bytes.count > longest?.bytes.count ?? 0 { longest = matchers[index] }
            }
            if let longest {
                let emit = String(decoding: held.dropLast(longest.bytes.count), as: UTF8.self)
                held = []
                matched = longest.string
                return (emit, matched)
            }
        }
        let pending = matchers.reduce(0) { max($0, $1.length) }
        let emit = String(decoding: held.dropLast(pending), as: UTF8.self)
        held.removeFirst(held.count - pending)
        return (emit, nil)
    }

    /// The text is over: returns what was held back.
    public mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }
}

extension StopStrings {
    /// One stop string and how much of it the text ends with (Knuth, Morris and Pratt 1977).
    private struct Matcher: Sendable {
        let string: String
        let bytes: [UInt8]
        /// For each length, the next shorter beginning that also ends there.
        let shorter: [Int]
        /// How many of the string's bytes the text ends with.
        private(set) var length = 0

        init(_ string: String) {
            self.string = string
            bytes = Array(string.utf8)
            var shorter = [0, 0]
            for index in bytes.indices.dropFirst() {
                var length = shorter[index]
                while length > 0, bytes[length] != bytes[index] { length = shorter[length] }
                shorter.append(bytes[length] == bytes[index] ? length + 1 : 0)
            }
            self.shorter = shorter
        }

        /// Takes a byte; true when the string is complete.
        mutating func advance(_ byte: UInt8) -> Bool {
            while length > 0, bytes[length] != byte { length = shorter[length] }
            if bytes[length] == byte { length += 1 }
            return length == bytes.count
        }
    }
}
