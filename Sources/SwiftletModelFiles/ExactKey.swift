/// A string that is compared byte by byte: Swift's own `==` calls canonically equivalent strings equal.
struct ExactKey: Hashable {
    let text: String

    static func == (one: Self, other: Self) -> Bool {
        one.text.utf8.elementsEqual(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
