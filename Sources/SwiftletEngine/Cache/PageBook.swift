package import SwiftletTokenizers

/// Which pages of the KV cache sequences hold, which are kept for those to come, and which are free: numbers only, the memory
/// is the shell's.
///
/// Pages whose tokens are recorded form a tree: the tokens on the way from the root to a page are those that its keys and
/// values depend on (RadixAttention, arXiv:2312.07104, with pages as edges). A recorded page that no sequence holds is kept
/// until its memory is needed; the one that was let go of first goes first. All operations but looking for a prefix take
/// constant time.
package struct PageBook: Sendable {
    /// Positions of a page.
    package let pageSize: Int
    package let pageCount: Int
    /// Recorded pages that no sequence holds.
    package private(set) var keptCount = 0

    private var pages: [Page]
    /// Pages without contents, the one to use next last: it was in use lately, so its memory is there.
    private var free: [Int]
    /// Recorded pages that begin a text.
    private var roots: [Int] = []
    /// The kept pages in the order in which they were let go of. Who holds a page holds those before it in its text too and
    /// lets go of them later, so no kept page comes before one that follows it in a text: the oldest is always a leaf.
    private var oldest = PageBook.none
    private var newest = PageBook.none

    private static let none = -1

    private struct Page: Sendable {
        var holders = 0
        var isRecorded = false
        /// The tokens whose keys and values it holds; what follows in its memory means nothing to others.
        var tokens: [TokenID] = []
        var parent = PageBook.none
        var children: [Int] = []
        var older = PageBook.none
        var newer = PageBook.none
    }

    package init(pageCount: Int, pageSize: Int) {
        precondition(pageCount > 0 && pageSize > 0, "\(pageCount) pages of \(pageSize) positions")
        (self.pageCount, self.pageSize) = (pageCount, pageSize)
        pages = [Page](repeating: Page(), count: pageCount)
        free = Array((0..<pageCount).reversed())
    }

    /// Pages that can be taken.
    package var availableCount: Int { free.count + keptCount }
    package var freeCount: Int { free.count }
    package var heldCount: Int { pageCount - availableCount }

    /// Pages that hold `count` positions.
    package func pages(for count: Int) -> Int { (count + pageSize - 1) / pageSize }

    /// A page for the caller to hold and write, free or the oldest that is kept; nil if sequences hold them all.
    package mutating func take() -> Int? {
        if free.isEmpty, oldest != Self.none { forget(oldest) }
        guard let page = free.popLast() else { return nil }
        pages[page].holders = 1
        return page
    }

    package mutating func hold(_ page: Int) {
        if pages[page].holders == 0 {
            precondition(pages[page].isRecorded, "page \(page) is free")
            unlink(page)
        }
        pages[page].holders += 1
    }

    /// Lets go of a page; a sequence lets go of its last page first.
    package mutating func release(_ page: Int) {
        precondition(pages[page].holders > 0, "page \(page) is not held")
        pages[page].holders -= 1
        guard pages[page].holders == 0 else { return }
        if pages[page].isRecorded { link(page) } else { free.append(page) }
    }

    /// Tells what a held page's first cells hold: `tokens`, after those on the way to `parent` (nil: from the start). A page
    /// that was recorded with fewer tokens grows.
    ///
    /// Returns the page that now stands for these tokens: another one if that has all of them already. A full page's holder
    /// then holds that one instead.
    package mutating func record(_ page: Int, _ tokens: ArraySlice<TokenID>, after parent: Int?) -> Int {
        precondition(pages[page].holders > 0 && !tokens.isEmpty && tokens.count <= pageSize)
        var shorter: Int?
        for other in children(parent) where other != page {
            let known = pages[other].tokens
            if known.starts(with: tokens) {
                guard tokens.count == pageSize else { return other }
                if pages[page].isRecorded { remove(page) }
                hold(other)
                release(page)
                return other
            }
            if pages[other].holders == 0, known.count < tokens.count, tokens.starts(with: known) { shorter = other }
        }
        if let shorter { forget(shorter) }
        if pages[page].isRecorded {
            pages[page].tokens.append(contentsOf: tokens[(tokens.startIndex + pages[page].tokens.count)...])
        } else {
            pages[page].isRecorded = true
            pages[page].tokens = Array(tokens)
            pages[page].parent = parent ?? Self.none
            if let parent { pages[parent].children.append(page) } else { roots.append(page) }
        }
        return page
    }

    /// The full page that follows `parent` with these tokens; nil if none is recorded.
    package func next(_ tokens: ArraySlice<TokenID>, after parent: Int?) -> Int? {
        children(parent).first { pages[$0].tokens.count == pageSize && tokens.starts(with: pages[$0].tokens) }
    }

    /// The page that follows `parent` and begins with most of `tokens`, and how many they are; nil if there is none.
    package func best(_ tokens: ArraySlice<TokenID>, after parent: Int?) -> (page: Int, count: Int)? {
        var best: (page: Int, count: Int)?
        for page in children(parent) {
            let known = pages[page].tokens
            let most = min(known.count, tokens.count)
            var count = 0
            while count < most, known[count] == tokens[tokens.startIndex + count] { count += 1 }
            if count > best?.count ?? 0 { best = (page, count) }
        }
        return best
    }

    /// Whether a sequence that goes on after the page's first `count` tokens may write into it: nobody else does or needs
    /// what would be written over.
    package func canContinue(_ page: Int, after count: Int) -> Bool {
        pages[page].holders == 0 && pages[page].tokens.count == count && count < pageSize
    }

    package func isHeld(_ page: Int) -> Bool { pages[page].holders > 0 }

    /// Forgets every page that no sequence holds.
    package mutating func forgetKept() {
        while oldest != Self.none { forget(oldest) }
    }

    private func children(_ parent: Int?) -> [Int] { parent.map { pages[$0].children } ?? roots }
}

extension PageBook {
    /// Makes a kept page free.
    private mutating func forget(_ page: Int) {
        unlink(page)
        remove(page)
        free.append(page)
    }

    /// Takes a page that nothing follows out of the tree.
    private mutating func remove(_ page: Int) {
        precondition(pages[page].children.isEmpty, "page \(page) has others after it")
        let parent = pages[page].parent
        if parent == Self.none {
            roots.removeAll { $0 == page }
        } else {
            pages[parent].children.removeAll { $0 == page }
        }
        pages[page].isRecorded = false
        pages[page].tokens.removeAll(keepingCapacity: true)
        pages[page].parent = Self.none
    }

    private mutating func link(_ page: Int) {
        (pages[page].older, pages[page].newer) = (newest, Self.none)
        if newest == Self.none { oldest = page } else { pages[newest].newer = page }
        newest = page
        keptCount += 1
    }

    private mutating func unlink(_ page: Int) {
        let (older, newer) = (pages[page].older, pages[page].newer)
        if older == Self.none { oldest = newer } else { pages[older].newer = newer }
        if newer == Self.none { newest = older } else { pages[newer].older = older }
        keptCount -= 1
    }
}

extension PageBook {
    /// Stops the program unless every page is in exactly one place and the tree is whole; for tests, linear.
    package func checkInvariants() {
        var kept: [Int] = []
        var page = oldest
        while page != Self.none {
            precondition(pages[page].holders == 0 && pages[page].isRecorded && !free.contains(page))
            precondition(
                pages[page].children.allSatisfy { kept.contains($0) }, "page \(page) goes before what follows it")
            kept.append(page)
            page = pages[page].newer
        }
        precondition(kept.count == keptCount && Set(free).count == free.count)
        for page in free { precondition(pages[page].holders == 0 && !pages[page].isRecorded) }
        let held = pages.indices.filter { pages[$0].holders > 0 }
        precondition(held.count + kept.count + free.count == pageCount)
        for (number, page) in pages.enumerated() where page.isRecorded {
            precondition(!page.tokens.isEmpty && page.tokens.count <= pageSize)
            precondition(page.children.isEmpty || page.tokens.count == pageSize, "page \(number) grows under others")
            precondition(children(page.parent == Self.none ? nil : page.parent).filter { $0 == number }.count == 1)
            for child in page.children { precondition(pages[child].parent == number && pages[child].isRecorded) }
        }
    }
}
