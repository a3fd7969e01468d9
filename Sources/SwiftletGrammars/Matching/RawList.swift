/// A growing list of plain values without reference counts or bounds checks, for the innermost loops. Whoever makes one
/// deallocates it.
struct RawList<Element: BitwiseCopyable> {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        base = .allocate(capacity: self.capacity)
    }

    func deallocate() { base.deallocate() }

    @inline(__always)
    subscript(_ place: Int) -> Element {
        get {
            assert(place >= 0 && place < count)
            return base[place]
        }
        nonmutating set {
            assert(place >= 0 && place < count)
            base[place] = newValue
        }
    }

    mutating func append(_ element: Element) {
        reserve(1)
        base[count] = element
        count += 1
    }

    mutating func append(repeating element: Element, count added: Int) {
        reserve(added)
        (base + count).initialize(repeating: element, count: added)
        count += added
    }

    mutating func removeAll() { count = 0 }

    private mutating func reserve(_ added: Int) {
        guard count + added > capacity else { return }
        capacity = max(capacity * 2, count + added)
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        larger.initialize(from: base, count: count)
        base.deallocate()
        base = larger
    }
}
