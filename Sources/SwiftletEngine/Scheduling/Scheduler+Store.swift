package import SwiftletTokenizers

// Pages that go to disk or come from there: held meanwhile like a sequence's.
extension Scheduler {
    /// Pages that may be held so without keeping one whole context from running.
    private var spare: Int { max(0, book.pageCount - book.pages(for: contextLength)) }

    /// The recorded pages that hold the beginning of a text, at most `count`.
    package func knownPages(of tokens: [TokenID], count: Int) -> [Int] {
        var pages: [Int] = []
        while pages.count < count {
            let start = pages.count * book.pageSize
            guard let page = book.next(tokens[start..<start + book.pageSize], after: pages.last) else { break }
            pages.append(page)
        }
        return pages
    }

    /// Holds pages as long as no more than can be spared are; `total`: those that are held so already.
    package mutating func hold(_ pages: [Int], beside total: Int) -> Bool {
        guard pages.count + total <= spare else { return false }
        for page in pages { book.hold(page) }
        return true
    }

    /// Takes up to `count` pages to be filled; as few as there are.
    package mutating func takePages(_ count: Int, beside total: Int) -> [Int] {
        var pages: [Int] = []
        while pages.count < min(count, spare - total), let page = book.take() { pages.append(page) }
        return pages
    }

    /// Lets go of pages of one text; the last first, since the others depend on nothing after them.
    package mutating func release(_ pages: [Int]) {
        for page in pages.reversed() { book.release(page) }
    }

    /// Records pages that now hold the beginning of a text, and lets go of them. All are held by the caller.
    package mutating func adopt(_ pages: [Int], _ tokens: [TokenID]) {
        var standing: [Int] = []
        for (index, page) in pages.enumerated() {
            let start = index * book.pageSize
            standing.append(book.record(page, tokens[start..<start + book.pageSize], after: standing.last))
        }
        release(standing)
    }
}
