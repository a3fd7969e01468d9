/// The text being edited and where the cursor is: two strings that meet at the cursor, so that combining characters join
/// with what stands before them.
struct LineBuffer: Equatable {
    private(set) var before = ""
    private(set) var after = ""

    var text: String { before + after }
    var isEmpty: Bool { before.isEmpty && after.isEmpty }

    init(_ text: String = "") { before = text }

    mutating func insert(_ text: String) { before += text }

    mutating func moveLeft() {
        guard let character = before.popLast() else { return }
        after.insert(character, at: after.startIndex)
    }

    mutating func moveRight() {
        guard !after.isEmpty else { return }
        before.append(after.removeFirst())
    }

    mutating func deleteBackward() { _ = before.popLast() }
    mutating func deleteForward() { if !after.isEmpty { after.removeFirst() } }

    /// To the start of the line that the cursor is in.
    mutating func moveHome() {
        let start = before.lastIndex(of: "\n").map(before.index(after:)) ?? before.startIndex
        after = before[start...] + after
        before.removeSubrange(start...)
    }

    mutating func moveEnd() {
        let end = after.firstIndex(of: "\n") ?? after.endIndex
        before += after[..<end]
        after.removeSubrange(..<end)
    }

    /// To the same column of the line above; false if there is none.
    mutating func moveUp() -> Bool {
        guard before.contains("\n") else { return false }
        let column = self.column
        moveHome()
        moveLeft()
        moveHome()
        moveRight(atMost: column)
        return true
    }

    mutating func moveDown() -> Bool {
        guard after.contains("\n") else { return false }
        let column = self.column
        moveEnd()
        moveRight()
        moveRight(atMost: column)
        return true
    }

    private var column: Int { before.reversed().prefix { $0 != "\n" }.count }

    private mutating func moveRight(atMost count: Int) {
        for _ in 0..<count where after.first != "\n" { moveRight() }
    }

    mutating func moveWordLeft() {
        while let last = before.last, !last.isWordPart { moveLeft() }
        while let last = before.last, last.isWordPart { moveLeft() }
    }

    mutating func moveWordRight() {
        while let first = after.first, !first.isWordPart { moveRight() }
        while let first = after.first, first.isWordPart { moveRight() }
    }

    /// Exchanges the characters on both sides of the cursor, or at its end the last two.
    mutating func transpose() {
        if after.isEmpty { moveLeft() }
        guard let left = before.popLast() else { return }
        guard !after.isEmpty else {
            before.append(left)
            return
        }
        let right = after.removeFirst()
        before.append(right)
        before.append(left)
    }
}

// What is killed can be put back elsewhere.
extension LineBuffer {
    mutating func killToEnd() -> String {
        // At the end of a line its line break goes, as in Emacs.
        if after.first == "\n" { return String(after.removeFirst()) }
        let end = after.firstIndex(of: "\n") ?? after.endIndex
        defer { after.removeSubrange(..<end) }
        return String(after[..<end])
    }

    mutating func killToStart() -> String {
        let start = before.lastIndex(of: "\n").map(before.index(after:)) ?? before.startIndex
        defer { before.removeSubrange(start...) }
        return String(before[start...])
    }

    /// The word before the cursor, up to white space, as a shell's Ctrl-W.
    mutating func killWordBack() -> String {
        var killed: [Character] = []
        while before.last?.isWhitespace == true { killed.append(before.removeLast()) }
        while before.last?.isWhitespace == false { killed.append(before.removeLast()) }
        return String(killed.reversed())
    }

    mutating func killWordForward() -> String {
        let old = self
        moveWordRight()
        let killed = String(before.dropFirst(old.before.count))
        before = old.before
        return killed
    }
}

extension Character {
    fileprivate var isWordPart: Bool { isLetter || isNumber || self == "_" }
}
