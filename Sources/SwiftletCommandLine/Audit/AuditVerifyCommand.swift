import ArgumentParser
import SwiftletGround
import SwiftletServer

struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Check an audit log: every line, their order, and its end. Exit status 1 if anything is not as it was written.",
        discussion: """
            Whoever may write the folder can write another log from its first line on. Note the last line's number and hash \
            elsewhere, and give them as --expect, to find that, too.

              $ swiftlet audit verify audit
              all right: 1532 lines in 1 file, the last one 1532:9f2c…
              $ swiftlet audit verify audit --expect 1532:9f2c…
            """)

    @OptionGroup var log: AuditArguments

    @Option(help: ArgumentHelp("A line that must be there, as this command told it before.", valueName: "n:hash"))
    var expect: ExpectedLine?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let check = try AuditCheck(log.auditFolder(), expected: expect?.link)
        if json {
            try StandardOutput.write(check.json.text(.pretty) + "\n")
        } else {
            for problem in check.problems { try StandardOutput.write("\(problem)\n") }
            let files = check.files == 1 ? "1 file" : "\(check.files) files"
            let texts = check.texts > 0 ? ", \(check.texts) kept prompts" : ""
            let end = "\(check.lines) lines in \(files)\(texts), the last one \(check.last.number):\(check.last.hash)\n"
            let verdict = check.problems.isEmpty ? "all right" : "not as it was written"
            try StandardOutput.write("\(verdict): \(end)")
        }
        guard check.problems.isEmpty else { throw ExitCode(1) }
    }
}

/// `1532:9f2c…`
struct ExpectedLine: ExpressibleByArgument {
    let link: AuditLine.Link

    init?(argument: String) {
        let parts = argument.split(separator: ":")
        guard parts.count == 2, let number = Int(parts[0]), number > 0, parts[1].utf8.count == 64 else { return nil }
        link = AuditLine.Link(number: number, hash: String(parts[1]))
    }
}

extension AuditCheck {
    fileprivate var json: JSONValue {
        [
            "ok": .bool(problems.isEmpty), "lines": .integer(Int64(lines)), "files": .integer(Int64(files)),
            "texts": .integer(Int64(texts)), "last": .integer(Int64(last.number)), "hash": .string(last.hash),
            "problems": .array(
                problems.map { problem in
                    [
                        "file": .string(problem.file), "line": problem.line.map { .integer(Int64($0)) } ?? .null,
                        "problem": .string(problem.text),
                    ]
                }),
        ]
    }
}
