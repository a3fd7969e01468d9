import Foundation
import Logging
import SwiftletGround
import SwiftletServer
import Testing

/// The audit log on disk: whole, changed, cut, continued.
struct AuditLogTests {
    private let folder = AuditTestFolder()

    /// Writes records as a server does, and closes the log; with the last one that says so there are `count` + 1 lines.
    private func write(_ count: Int, fileBytes: Int = 64_000_000, prompts: Duration? = nil) async throws {
        let log = try folder.log(fileBytes: fileBytes, prompts: prompts)
        for index in 0..<count {
            var record = AuditRecord(.request)
            (record.key, record.model, record.status) = ("key \(index % 3)", "smol:latest", index % 5 == 0 ? 401 : 200)
            (record.method, record.path, record.request) = ("POST", "/api/chat", "r\(index)")
            (record.promptTokens, record.generatedTokens) = (index, 2 * index)
            if prompts != nil {
                record.promptDigest = log.keep(prompt: Data("prompt \(index)".utf8), request: "r\(index)")
            }
            log.add(record)
            if index % 7 == 0 { await log.flush() }
        }
        await log.close()
    }

    @Test func whatWasWrittenIsWhole() async throws {
        try await write(100)
        let check = try AuditCheck(folder.folder)
        #expect(check.problems.isEmpty, "\(check.problems)")
        #expect(check.lines == 101 && check.files == 1 && check.last.number == 101)
        // A second server goes on where the first ended.
        try await write(10)
        let again = try AuditCheck(folder.folder)
        #expect(again.problems.isEmpty && again.lines == 112)
        let records = try AuditSearch().records(in: folder.folder)
        #expect(records.map { $0["n"]?.integer } == Array(1...112))
        #expect(records[1]["key"]?.string == "key 1" && records[1]["outcome"]?.string == "ok")
        #expect(records[0]["outcome"]?.string == "denied" && records[100]["event"]?.string == "stop")
    }

    @Test func onlyItsOwnerMayReadIt() async throws {
        try await write(1)
        for (path, rights) in [("", 0o700), ("/audit-000000000001.jsonl", 0o600), ("/head", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == rights, "\(path)")
        }
    }

    /// Each of many bytes, one at a time: the line with it is named, and no other.
    @Test func aFlippedByte() async throws {
        try await write(20)
        let bytes = try folder.bytes()
        var random = SystemRandomNumberGenerator()
        for place in stride(from: 0, to: bytes.count, by: 13) {
            var changed = bytes
            changed[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            try folder.write(changed)
            let line = 1 + bytes[..<place].count { $0 == UInt8(ascii: "\n") }
            let problems = try AuditCheck(folder.folder).problems
            #expect(!problems.isEmpty, "byte \(place)")
            // A line break that is lost, or one more, also moves the lines after it.
            let isBreak = bytes[place] == UInt8(ascii: "\n") || changed[place] == UInt8(ascii: "\n")
            let lines = Set(problems.compactMap(\.line))
            #expect(
                isBreak ? lines.contains(line) || problems.count > 1 : lines == [line],
                "byte \(place) of line \(line): \(problems)")
        }
    }

    @Test func aDroppedLine() async throws {
        try await write(20)
        let lines = try folder.lines()
        for dropped in 0..<lines.count {
            var rest = lines
            rest.remove(at: dropped)
            try folder.write(lines: rest)
            let problems = try AuditCheck(folder.folder).problems
            try #require(problems.count == 1, "\(problems)")
            if dropped == lines.count - 1 {
                #expect(problems[0].description == "audit-000000000001.jsonl: line 21 is missing at the end")
            } else {
                #expect(problems[0].line == dropped + 1)
                #expect(problems[0].text == "line \(dropped + 1) is missing before line \(dropped + 2)")
            }
        }
    }

    @Test func aTruncatedTail() async throws {
        try await write(20)
        let bytes = try folder.bytes()
        for length in stride(from: bytes.count - 1, to: 0, by: -29) {
            try folder.write(bytes.prefix(length))
            let whole = bytes.prefix(length).count { $0 == UInt8(ascii: "\n") }
            let problems = try AuditCheck(folder.folder).problems
            let missing = whole == 20 ? "line 21 is missing" : "lines \(whole + 1) to 21 are missing"
            #expect(problems.last?.text == missing + " at the end", "\(length): \(problems)")
        }
    }

    @Test func exchangedAndRepeatedLines() async throws {
        try await write(5)
        var lines = try folder.lines()
        lines.swapAt(2, 3)
        try folder.write(lines: lines)
        #expect(try !AuditCheck(folder.folder).problems.isEmpty)
        lines.swapAt(2, 3)
        lines.insert(lines[2], at: 3)
        try folder.write(lines: lines)
        #expect(try AuditCheck(folder.folder).problems.first?.text == "line 3 stands after line 3")
    }

    /// A chain that was written anew is found by what was noted of the old one, and by its head.
    @Test func anotherChain() async throws {
        try await write(5)
        let noted = try AuditCheck(folder.folder).last
        let head = try Data(contentsOf: folder.url.appending(path: "head"))
        try FileManager.default.removeItem(at: folder.url)
        try await write(5)
        #expect(try AuditCheck(folder.folder).problems.isEmpty)
        #expect(try AuditCheck(folder.folder, expected: noted).problems.count == 1)
        try head.write(to: folder.url.appending(path: "head"))
        #expect(try AuditCheck(folder.folder).problems.first?.text == "line 6 is not the one that the head tells of")
        try FileManager.default.removeItem(at: folder.url.appending(path: "head"))
        #expect(try AuditCheck(folder.folder).problems.first?.text.hasPrefix("there is no head") == true)
    }

    /// What a killed process leaves: no loss, and a line that says what was found.
    @Test func aTornLineIsRemovedAndTold() async throws {
        try await write(5)
        try folder.write(folder.bytes() + Data(#"{"n":7,"prev"#.utf8))
        #expect(try AuditCheck(folder.folder).problems.first?.text == "the line is cut off")
        try await write(1)
        #expect(try AuditCheck(folder.folder).problems.isEmpty)
        let records = try AuditSearch().records(in: folder.folder)
        #expect(records[6]["event"]?.string == "gap")
        #expect(records[6]["note"]?.string?.contains("12 bytes of a line that was not finished") == true)
    }

    @Test func aServerThatFindsItsTailGoneSaysSo() async throws {
        try await write(5)
        try folder.write(lines: Array(folder.lines().prefix(3)))
        try await write(1)
        let problems = try AuditCheck(folder.folder).problems
        #expect(problems.map(\.text) == ["lines 4 to 6 are missing before line 7"])
        let records = try AuditSearch().records(in: folder.folder)
        #expect(records[3]["note"]?.string == "lines 4 to 6 are missing")
        // Also if all of it is gone.
        try FileManager.default.removeItem(at: folder.url.appending(path: "audit-000000000001.jsonl"))
        try await write(1)
        #expect(try AuditCheck(folder.folder).problems.first?.text.contains("missing before") == true)
    }

    @Test func manyFiles() async throws {
        for _ in 0..<4 { try await write(20, fileBytes: 1000) }
        let files = try folder.folder.files()
        #expect(files.count > 3)
        let check = try AuditCheck(folder.folder)
        #expect(check.problems.isEmpty && check.lines == 84 && check.files == files.count, "\(check.problems)")
        // A file from the middle.
        let gone = try Data(contentsOf: files[1].url)
        try FileManager.default.removeItem(at: files[1].url)
        let problem = try #require(try AuditCheck(folder.folder).problems.first)
        #expect(
            problem.file == files[2].name && problem.text.contains("lines \(files[1].first) to \(files[2].first - 1)"))
        try gone.write(to: files[1].url)
        // The first one, by hand and by age.
        let first = try Data(contentsOf: files[0].url)
        try FileManager.default.removeItem(at: files[0].url)
        #expect(try AuditCheck(folder.folder).problems.first?.text.contains("lines 1 to") == true)
        try first.write(to: files[0].url)
        let record = try #require(
            try AuditWriter.removeFiles(of: folder.folder, before: Date(timeIntervalSinceNow: 60)))
        let log = try folder.log()
        log.add(record)
        await log.close()
        #expect(try folder.folder.files().count == 1)
        #expect(try AuditCheck(folder.folder).problems.isEmpty)
    }

    @Test func textsAreKeptForATime() async throws {
        try await write(5, prompts: .seconds(3600))
        let check = try AuditCheck(folder.folder)
        #expect(check.problems.isEmpty && check.texts == 5)
        var search = AuditSearch()
        (search.withTexts, search.limit) = (true, 2)
        let records = try search.records(in: folder.folder)
        #expect(records.map { $0["text"]?.string } == ["prompt 4", nil])
        // The log itself has no text.
        #expect(try !String(decoding: folder.bytes(), as: UTF8.self).contains("prompt 4"))
        let name = try #require(AuditPrompts.names(in: folder.folder).first)
        let file = folder.url.appending(path: name)
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing("prompt 3", with: "prompt 9").write(to: file, atomically: false, encoding: .utf8)
        let problems = try AuditCheck(folder.folder).problems
        #expect(problems.map(\.line) == [4] && problems[0].text.contains("the text that is kept"))
        // A day's texts go when the youngest of them is old enough.
        let midnight = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 86400).rounded(.up) * 86400)
        AuditPrompts.remove(from: folder.folder, olderThan: .seconds(3600), at: midnight + 1800)
        #expect(AuditPrompts.names(in: folder.folder).count == 1)
        AuditPrompts.remove(from: folder.folder, olderThan: .seconds(3600), at: midnight + 3601)
        #expect(AuditPrompts.names(in: folder.folder).isEmpty)
        #expect(try AuditCheck(folder.folder).problems.isEmpty)
    }

    @Test func oneServerAtATime() async throws {
        let log = try folder.log()
        #expect(throws: ServerError.self) { try folder.log() }
        await log.close()
    }

    /// Many at once: all are there once, in an order.
    @Test func manyTasks() async throws {
        let log = try folder.log()
        await withTaskGroup { group in
            for task in 0..<50 {
                group.addTask {
                    for index in 0..<20 {
                        var record = AuditRecord(.request)
                        record.request = "\(task)-\(index)"
                        log.add(record)
                        await log.flush()
                    }
                }
            }
        }
        await log.close()
        let records = try AuditSearch().records(in: folder.folder)
        #expect(Set(records.compactMap { $0["request"]?.string }).count == 1000)
        #expect(try AuditCheck(folder.folder).problems.isEmpty)
    }

    @Test(arguments: ["", "{}", "x\n", "\n\n\n", "{\"n\":1}\n", "[1]\n", String(repeating: "a", count: 3_000_000)])
    func whatIsNoLog(_ text: String) throws {
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        try folder.write(Data(text.utf8))
        #expect(try !AuditCheck(folder.folder).problems.isEmpty)
    }
}

/// A folder for a log, gone with the value.
final class AuditTestFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "swiftlet-audit-\(UUID().uuidString)")
    var folder: AuditFolder { AuditFolder(url) }
    var path: String { url.path(percentEncoded: false) }
    private var file: URL { url.appending(path: "audit-000000000001.jsonl") }

    deinit { try? FileManager.default.removeItem(at: url) }

    func log(fileBytes: Int = 64_000_000, prompts: Duration? = nil) throws -> AuditLog {
        var options = AuditOptions(folder: url)
        (options.fileBytes, options.prompts) = (fileBytes, prompts)
        return try AuditLog(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func bytes() throws -> Data { try Data(contentsOf: file) }
    func lines() throws -> [Data] { try bytes().split(separator: UInt8(ascii: "\n")).map { Data($0) } }
    func write(_ bytes: Data) throws { try bytes.write(to: file) }
    func write(lines: [Data]) throws { try write(Data(lines.flatMap { $0 + [UInt8(ascii: "\n")] })) }
}
