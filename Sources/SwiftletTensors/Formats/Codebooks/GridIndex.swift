/// Which points of a grid are on or near any given one: what encoders of the IQ formats look up.
///
/// A code holds a point's coordinates, lowest first, as levels 0, 1, 2, ... of `bits` bits each, which stand for the odd numbers
/// 1, 3, 5, ... The candidates for a code that is not on the grid are the points at the smallest few distances from it, nearest
/// first, and by index among equals (ggml-quants.c, `iq2xs_init_impl`, `iq3xs_init_impl`).
struct GridIndex: Sendable {
    let coordinates: Int
    let bits: Int
    /// For each code: the point's index, or ~position of its candidates.
    let places: Codebook<Int32>
    /// The number of candidates, then their codes; at the end more, so that kernels can read sixteen at once.
    let candidates: Codebook<UInt16>

    /// - Parameter distances: how many different distances candidates may have.
    init(_ gridCodes: [UInt16], coordinates: Int, bits: Int, levels: Int, distances: Int) {
        self.coordinates = coordinates
        self.bits = bits
        var places = [Int32](repeating: .min, count: 1 << (coordinates * bits))
        for (index, code) in gridCodes.enumerated() { places[Int(code)] = Int32(index) }
        let points = gridCodes.map { Self.levels(of: $0, coordinates, bits) }
        var candidates: [UInt16] = []
        var separations = [UInt8](repeating: 0, count: points.count)
        for number in 0..<Self.power(levels, coordinates) {
            let code = Self.code(number, base: levels, coordinates, bits)
            guard places[Int(code)] == .min else { continue }
            let place = Self.levels(of: code, coordinates, bits)
            for (index, point) in points.enumerated() {
                let difference = point &- place
                separations[index] = UInt8(truncatingIfNeeded: (difference &* difference).wrappedSum())
            }
            places[Int(code)] = ~Int32(candidates.count)
            let head = candidates.count
            candidates.append(0)
            for separation in Self.smallest(distances, of: separations) {
                for index in separations.indices where separations[index] == separation {
                    candidates.append(gridCodes[index])
                }
            }
            candidates[head] = UInt16(candidates.count - head - 1)
        }
        self.places = Codebook(places)
        self.candidates = Codebook(candidates + [UInt16](repeating: 0, count: 16))
    }

    /// The index of the grid's point with this code, if it is one.
    @inline(__always)
    func index(of code: Int) -> Int? {
        let place = places.entries[code]
        return place >= 0 ? Int(place) : nil
    }

    /// The codes of the candidates for a code that is not on the grid.
    @inline(__always)
    func candidates(of code: Int) -> UnsafeBufferPointer<UInt16> {
        let place = places.entries[code]
        // A code with a level that no point has: no search gives one.
        guard place != .min else { return UnsafeBufferPointer(start: candidates.entries + 1, count: 1) }
        let list = candidates.entries + Int(~place)
        return UnsafeBufferPointer(start: list + 1, count: Int(list[0]))
    }

    /// The level of one coordinate.
    @inline(__always)
    func level(_ code: UInt16, _ coordinate: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: code >> UInt16(coordinate * bits) & (1 << UInt16(bits) - 1))
    }

    /// The code of levels.
    @inline(__always)
    func code(_ levels: UnsafePointer<UInt8>) -> Int {
        (0..<coordinates).reduce(0) { code, i in code | Int(levels[i]) << (i * bits) } & (1 << (coordinates * bits) - 1)
    }

    private static func levels(of code: UInt16, _ coordinates: Int, _ bits: Int) -> SIMD8<Int8> {
        var levels = SIMD8<Int8>(repeating: 0)
        for i in 0..<coordinates { levels[i] = Int8(code >> UInt16(i * bits) & (1 << UInt16(bits) - 1)) }
        return levels
    }

    private static func code(_ number: Int, base: Int, _ coordinates: Int, _ bits: Int) -> UInt16 {
        var (rest, code) = (number, 0)
        for i in 0..<coordinates {
            code |= (rest % base) << (i * bits)
            rest /= base
        }
        return UInt16(code)
    }

    private static func power(_ base: Int, _ exponent: Int) -> Int {
        (0..<exponent).reduce(1) { power, _ in power * base }
    }

    /// The smallest few different values, ascending; those here are at most 4 * 49.
    private static func smallest(_ count: Int, of values: [UInt8]) -> [UInt8] {
        var isThere = [Bool](repeating: false, count: 256)
        for value in values { isThere[Int(value)] = true }
        return (0..<256).filter { isThere[$0] }.prefix(count).map(UInt8.init)
    }
}

extension Grids {
    static let iq2_XXSIndex = GridIndex(IQ2_XXSFormat.gridCodes, coordinates: 8, bits: 2, levels: 3, distances: 2)
    static let iq2_XSIndex = GridIndex(IQ2_XSFormat.gridCodes, coordinates: 8, bits: 2, levels: 3, distances: 2)
    static let iq2_SIndex = GridIndex(IQ2_SFormat.gridCodes, coordinates: 8, bits: 2, levels: 3, distances: 1)
    static let iq1_SIndex = GridIndex(IQ1_SFormat.gridCodes, coordinates: 8, bits: 2, levels: 3, distances: 3)
    static let iq3_XXSIndex = GridIndex(IQ3_XXSFormat.gridCodes, coordinates: 4, bits: 3, levels: 8, distances: 2)
    static let iq3_SIndex = GridIndex(IQ3_SFormat.gridCodes, coordinates: 4, bits: 3, levels: 8, distances: 3)
}

extension Grids {
    /// The index that encoders of a format use; nil for formats without a grid.
    static func index(of type: ElementType) -> GridIndex? {
        switch type {
        case .iq1_S, .iq1_M: iq1_SIndex
        case .iq2_XXS: iq2_XXSIndex
        case .iq2_XS: iq2_XSIndex
        case .iq2_S: iq2_SIndex
        case .iq3_XXS: iq3_XXSIndex
        case .iq3_S: iq3_SIndex
        default: nil
        }
    }
}
