import SwiftletGround

/// The metadata of a GGUF file: keys in the file's order, looked up byte by byte.
public struct GGUFMetadata: Sendable {
    public struct Entry: Sendable {
        public let key: String
        public var value: GGUFValue
    }

    public private(set) var entries: [Entry] = []
    private var places: [ByteString: Int] = [:]

    public init() {}

    public var keys: [String] { entries.map(\.key) }

    /// The value of a key; setting replaces it in its place, adds it at the end, or (nil) removes it.
    public subscript(key: String) -> GGUFValue? {
        get { places[ByteString(key)].map { entries[$0].value } }
        set {
            let exact = ByteString(key)
            switch (places[exact], newValue) {
            case (let place?, let value?):
                entries[place].value = value
            case (nil, let value?):
                places[exact] = entries.count
                entries.append(Entry(key: key, value: value))
            case (let place?, nil):
                entries.remove(at: place)
                places = [:]
                for (index, entry) in entries.enumerated() { places[ByteString(entry.key)] = index }
            case (nil, nil):
                break
            }
        }
    }
}
