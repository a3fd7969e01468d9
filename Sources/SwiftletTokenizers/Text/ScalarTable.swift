/// The flags of every Unicode scalar, in two stages of 256: 9 KB of page numbers and about 200 KB of blocks, built at first
/// use in a fraction of a millisecond.
///
/// Unicode 15.1, the version of the reference engine's table, so that a newer toolchain does not change token ids.
final class ScalarTable: @unchecked Sendable {  // written only in init, before anybody else sees it
    static let shared = ScalarTable()

    /// Block number of each 256 scalars.
    let pages: UnsafeMutablePointer<UInt16>
    let blocks: UnsafeMutablePointer<ScalarFlags>

    private init() {
        let categories = UnicodeTables.categories
        let pageCount = 0x110000 / 256
        pages = .allocate(capacity: pageCount)
        var content: [ScalarFlags] = []
        var uniform: [ScalarFlags: UInt16] = [:]
        var range = 0
        for page in 0..<pageCount {
            let start = UInt32(page * 256)
            func end(_ range: Int) -> UInt32 { range + 1 < categories.count ? categories[range + 1] >> 5 : 0x110000 }
            while end(range) <= start { range += 1 }
            let han = ScalarFlags.hanBlocks.first { $0.overlaps(start...start + 255) }
            let isHanWhole = han.map { $0.contains(start) && $0.contains(start + 255) } ?? true
            let isOne = end(range) >= start + 256 && isHanWhole
            let first = Self.flags(categories[range], han?.contains(start) == true)
            if isOne, let block = uniform[first] {
                pages[page] = block
                continue
            }
            pages[page] = UInt16(content.count / 256)
            if isOne { uniform[first] = pages[page] }
            var current = range
            for scalar in start..<start + 256 {
                while end(current) <= scalar { current += 1 }
                content.append(Self.flags(categories[current], han?.contains(scalar) == true))
            }
        }
        for scalar in [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85] { content[scalar].insert(.whitespace) }
        blocks = .allocate(capacity: content.count)
        blocks.initialize(from: content, count: content.count)
    }

    deinit {
        pages.deallocate()
        blocks.deallocate()
    }

    private static func flags(_ entry: UInt32, _ isHan: Bool) -> ScalarFlags {
        let flags = ScalarFlags.ofCategory[Int(entry & 31)]
        return isHan ? flags.union(.han) : flags
    }
}

extension ScalarFlags: Hashable {}
