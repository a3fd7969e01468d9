/// The flags of every Unicode scalar, in two stages of 256: 9 KB of page numbers and about 130 KB of blocks, built at first use.
///
/// Unicode 15.1, the version of the reference engine's table, so that a newer toolchain does not change token ids.
final class ScalarTable: @unchecked Sendable {  // written only in init, before anybody else sees it
    static let shared = ScalarTable()

    /// Block number of each 256 scalars.
    let pages: UnsafeMutablePointer<UInt16>
    let blocks: UnsafeMutablePointer<ScalarFlags>

    private init() {
        var flags = [ScalarFlags](repeating: .unassigned, count: 0x110000)
        let categories = UnicodeTables.categories
        for (index, entry) in categories.enumerated() {
            let start = Int(entry >> 5)
            let end = index + 1 < categories.count ? Int(categories[index + 1] >> 5) : flags.count
            let value = ScalarFlags.ofCategory[Int(entry & 31)]
            for code in start..<end { flags[code] = value }
        }
        for code in [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85] { flags[code].insert(.whitespace) }
        for block in ScalarFlags.hanBlocks {
            for code in block { flags[Int(code)].insert(.han) }
        }

        var unique: [[ScalarFlags]: UInt16] = [:]
        var content: [ScalarFlags] = []
        pages = .allocate(capacity: flags.count / 256)
        for page in 0..<flags.count / 256 {
            let block = Array(flags[page * 256..<page * 256 + 256])
            let number = unique[block] ?? UInt16(unique.count)
            if Int(number) == unique.count {
                unique[block] = number
                content += block
            }
            pages[page] = number
        }
        blocks = .allocate(capacity: content.count)
        blocks.initialize(from: content, count: content.count)
    }

    deinit {
        pages.deallocate()
        blocks.deallocate()
    }

    @inline(__always)
    func flags(of scalar: UInt32) -> ScalarFlags {
        scalar < 0x110000 ? blocks[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)] : []
    }
}

extension ScalarFlags: Hashable {}
