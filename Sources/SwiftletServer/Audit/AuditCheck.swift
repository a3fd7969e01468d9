import Foundation
import SwiftletGround

/// What reading a whole audit log finds.
package struct AuditCheck: Sendable {
    /// Something that is not as it was written, and where.
    package struct Problem: Sendable, CustomStringConvertible {
        package let file: String
        /// The line in the file, from 1; nil for the file as a whole.
        package let line: Int?
        package let text: String

        package var description: String { line.map { "\(file):\($0): \(text)" } ?? "\(file): \(text)" }
    }

    package private(set) var lines = 0
    package private(set) var files = 0
    package private(set) var problems: [Problem] = []
    /// The chain's last line.
    package private(set) var last = AuditLine.Link.origin
    /// Texts that are kept, and are those that the log tells of.
    package private(set) var texts = 0

    /// The hashes that the next line may tell of the one before it; nil if that one is not known.
    private var hashes: Set<String>? = [AuditLine.Link.origin.hash]
    /// Lines that were removed because of their age, as the log tells.
    private var removed = 0
    private var firstNumber: Int?

    /// Reads all files of a log; throws if they cannot be read. `expected` is a line that was noted elsewhere.
    package init(_ folder: AuditFolder, expected: AuditLine.Link? = nil) throws {
        let all = try folder.files()
        guard !all.isEmpty else {
            throw ServerError(
                .audit, "there is no audit log", at: folder.url.path(percentEncoded: false),
                advice: "`swiftlet serve --audit FOLDER` writes one")
        }
        let head = folder.notedHead()
        let texts = try AuditPrompts.texts(in: folder)
        var seen: [Int: String] = [:]
        for file in all {
            files += 1
            begin(file)
            var place = 0
            try file.lines { data, isWhole in
                place += 1
                guard isWhole else {
                    return report(file, place, "the line is cut off")
                }
                guard let line = AuditLine(Data(data)) else {
                    report(file, place, "line \(last.number + 1) was changed: it is no line of an audit log")
                    last.number += 1
                    hashes = nil
                    return
                }
                take(line, file, place)
                for noted in [head, expected].compactMap({ $0 }) where noted.number == line.link.number {
                    seen[noted.number] = line.link.hash
                }
                check(line, texts, file, place)
            }
        }
        if let firstNumber, firstNumber > 1, removed < firstNumber - 1 {
            report(all[0], nil, "lines 1 to \(firstNumber - 1) are missing before it")
        }
        compare(head, seen, all[all.count - 1])
        if let expected, seen[expected.number] != expected.hash {
            report(all[all.count - 1], nil, "line \(expected.number) is not the one that was expected")
        }
    }

    private mutating func begin(_ file: AuditFile) {
        guard files > 1 else {
            // Older files may have been removed.
            if file.first > 1 { (last, hashes) = (AuditLine.Link(number: file.first - 1, hash: ""), nil) }
            firstNumber = file.first
            return
        }
        guard file.first != last.number + 1 else { return }
        if file.first > last.number {
            report(file, nil, "lines \(last.number + 1) to \(file.first - 1) are missing before it")
        } else {
            report(file, nil, "it begins with line \(file.first), but line \(last.number) stands before it")
        }
        (last, hashes) = (AuditLine.Link(number: file.first - 1, hash: ""), nil)
    }

    private mutating func take(_ line: AuditLine, _ file: AuditFile, _ place: Int) {
        let number = line.link.number
        let expected = last.number + 1
        lines += 1
        guard line.isIntact else {
            // Perhaps its number was. Whichever of its bytes it is, the next line's word for it is right.
            report(file, place, "line \(expected) was changed")
            last = AuditLine.Link(number: expected, hash: line.link.hash)
            hashes = [line.link.hash, line.computed]
            return
        }
        if number > expected {
            let missing = expected == number - 1 ? "line \(expected) is" : "lines \(expected) to \(number - 1) are"
            report(file, place, "\(missing) missing before line \(number)")
        } else if number < expected {
            report(file, place, "line \(number) stands after line \(last.number)")
        } else if let hashes, !hashes.contains(line.previous) {
            report(file, place, "line \(number) does not follow the line \(last.number) that stands before it")
        }
        last = line.link
        hashes = [line.link.hash]
    }

    private mutating func check(_ line: AuditLine, _ kept: [String: AuditText], _ file: AuditFile, _ place: Int) {
        if line.fields["event"]?.string == "removed", let words = line.fields["note"]?.string?.split(separator: " "),
            words.count > 3, let number = Int(words[3])
        {
            removed = max(removed, number)
        }
        guard let digest = line.fields["prompt_sha256"]?.string, let request = line.fields["request"]?.string,
            let text = kept[request]
        else { return }
        guard text.digest == digest else {
            return report(file, place, "the text that is kept for line \(line.link.number) is not the one it tells of")
        }
        texts += 1
    }

    private mutating func compare(_ head: AuditLine.Link?, _ seen: [Int: String], _ file: AuditFile) {
        guard let head else {
            return report(file, nil, "there is no head beside it: whether lines are missing at the end is not known")
        }
        if head.number > last.number {
            let first = last.number + 1
            let missing = first == head.number ? "line \(first) is" : "lines \(first) to \(head.number) are"
            report(file, nil, "\(missing) missing at the end")
        } else if let hash = seen[head.number], hash != head.hash {
            report(file, nil, "line \(head.number) is not the one that the head tells of")
        }
    }

    private mutating func report(_ file: AuditFile, _ line: Int?, _ text: String) {
        problems.append(Problem(file: file.name, line: line, text: text))
    }
}
