/// The members of a JSON object in the order of the text, with keys that are equal only byte for byte.
///
/// A key that is set again keeps its place and takes the new value, as in Python. Look-up is O(1); equality needs the
/// same order.
public struct JSONObject: Sendable, Hashable {
    /// One member.
    public struct Member: Sendable, Hashable {
        public let key: String
        public var value: JSONValue

        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }

        public static func == (left: Self, right: Self) -> Bool {
            left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
        }

        public func hash(into hasher: inout Hasher) {
            ByteString(key).hash(into: &hasher)
            value.hash(into: &hasher)
        }
    }

    public private(set) var members: [Member] = []
    /// Places of keys; empty while the object is small, since a short scan is quicker than hashing.
    private var places: [ByteString: Int] = [:]

    private static var scanLimit: Int { 12 }

    public init() {}

    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    public var keys: some RandomAccessCollection<String> { members.lazy.map(\.key) }

    public subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// The place of a key among `members`.
    public func place(of key: String) -> Int? {
        if members.count > Self.scanLimit { return places[ByteString(key)] }
        return members.firstIndex { ByteString($0.key) == ByteString(key) }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
        if members.count > Self.scanLimit + 1 {
            places[ByteString(key)] = members.count - 1
        } else if members.count == Self.scanLimit + 1 {
            index()
        }
    }

    private mutating func remove(at place: Int) {
        members.remove(at: place)
        index()
    }

    private mutating func index() {
        places.removeAll()
        guard members.count > Self.scanLimit else { return }
        for (place, member) in members.enumerated() { places[ByteString(member.key)] = place }
    }

    public static func == (left: Self, right: Self) -> Bool { left.members == right.members }

    public func hash(into hasher: inout Hasher) { hasher.combine(members) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { members.startIndex }
    public var endIndex: Int { members.endIndex }
    public subscript(position: Int) -> Member { members[position] }
}
