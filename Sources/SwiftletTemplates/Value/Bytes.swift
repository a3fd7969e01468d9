/// Searching in UTF-8 bytes in linear time (Knuth, Morris and Pratt 1977); matches are whole characters by the
/// encoding's design.
enum Bytes {
    static func find(_ needle: [UInt8], in text: [UInt8], from start: Int = 0) -> Int? {
        Searcher(needle).find(in: text, from: start)
    }

    struct Searcher {
        let needle: [UInt8]
        /// How much of the needle still matches after a mismatch behind each place.
        private let fallback: [Int]

        init(_ needle: [UInt8]) {
            self.needle = needle
            var fallback = [Int](repeating: 0, count: needle.count)
            var length = 0
            for index in needle.indices.dropFirst() {
                while length > 0, needle[index] != needle[length] { length = fallback[length - 1] }
                if needle[index] == needle[length] { length += 1 }
                fallback[index] = length
            }
            self.fallback = fallback
        }

        func find(in text: [UInt8], from start: Int = 0) -> Int? {
            if needle.isEmpty { return start <= text.count ? start : nil }
            guard start < text.count else { return nil }
            var length = 0
            for index in start..<text.count {
                while length > 0, text[index] != needle[length] { length = fallback[length - 1] }
                if text[index] == needle[length] { length += 1 }
                if length == needle.count { return index + 1 - length }
            }
            return nil
        }

        /// All places, none overlapping, at most `limit`.
        func all(in text: [UInt8], limit: Int = .max) -> [Int] {
            var places: [Int] = []
            var start = 0
            while places.count < limit, let place = find(in: text, from: start) {
                places.append(place)
                start = place + needle.count
            }
            return places
        }
    }
}

extension String {
    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self = String(view)
    }

    /// Length in code points, as Python counts.
    var pythonCount: Int { unicodeScalars.count }
}
